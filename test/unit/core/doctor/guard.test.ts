import { describe, expect, it } from "vitest";
import { judgeGuards } from "../../../../src/core/doctor/guard.ts";
import { english } from "../../../../src/core/text.ts";
import { file, github, guard, read } from "../config/support.ts";

const told = (servers: Readonly<Record<string, unknown>>): readonly string[] =>
  judgeGuards(read(file(servers)), english).map(({ verdict, finding }) => `${verdict}: ${finding}`);

const { headers: _headers, ...bare } = github;

describe("what keeps clients from connecting without a credential", () => {
  it("is there", () => {
    expect(told({ github })).toEqual(["ok: No entry is connected to without a credential."]);
    expect(told({ other: { command: "x" } })).toEqual(["ok: No entry is connected to without a credential."]);
  });

  it("is missing, or is sent, and the entries are named; broken ones too", () => {
    const sent = { ...github, headers: { Authorization: "None\n" } };
    expect(told({ github, bare, sent, broken: { ...bare, url: "nowhere" } })).toEqual([
      "warning: Entries to which Claude Code connects without a credential where the helper fails: bare, sent, broken.",
    ]);
  });

  it("is in the helper's way", () => {
    expect(told({ blocked: { ...github, headers: { ...guard, "X-Key": guard.Authorization } } })).toEqual([
      "failed: Entries whose own headers block every connection: blocked.",
    ]);
  });
});
