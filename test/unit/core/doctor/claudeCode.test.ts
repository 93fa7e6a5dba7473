import { describe, expect, it } from "vitest";
import {
  claudeCodeVersionIn,
  judgeClaudeCode,
  judgeTrust,
  type ClaudeCodeFacts,
} from "../../../../src/core/doctor/claudeCode.ts";
import type { Finding } from "../../../../src/core/doctor/finding.ts";
import { english } from "../../../../src/core/text.ts";

/** Each finding in one line; a finding that is not ok has a remedy, and one that is has none. */
const told = (...findings: readonly Finding[]): readonly string[] =>
  findings.map(({ verdict, finding, remedy }) => {
    expect(remedy === undefined).toBe(verdict === "ok");
    return `${verdict}: ${finding}`;
  });

describe("Claude Code", () => {
  it.each<[ClaudeCodeFacts, RegExp]>([
    [{ kind: "notFound" }, /^warning: There is no command claude/],
    [{ kind: "silent" }, /^warning: .* did not say its version/],
    [{ kind: "found", version: "2.1.197" }, /^warning: .*no helper again.*shows no reason/],
    [{ kind: "found", version: "2.1.218" }, /^warning: .*no helper again.*shows no reason/],
    [
      { kind: "found", version: "2.1.219" },
      /^warning: .*asks no helper again during a session.*by itself\.$/,
    ],
    [{ kind: "found", version: "2.1.247" }, /^warning: .*no helper again/],
    [{ kind: "found", version: "2.1.248" }, /^ok: Version 2\.1\.248: .* measured/],
    [{ kind: "found", version: "2.1.330" }, /^ok: Version 2\.1\.330: .* measured/],
    [{ kind: "found", version: "2.1.333" }, /^warning: Version 2\.1\.333: not measured/],
    [{ kind: "found", version: "2.1.266" }, /^warning: .*93776/],
    [{ kind: "found", version: "9.0.0" }, /^warning: .*: not measured/],
  ])("%j", (facts, expected) => {
    expect(told(judgeClaudeCode(facts, english)).join()).toMatch(expected);
  });

  it("names the least version that renewal and step-up need", () => {
    expect(judgeClaudeCode({ kind: "found", version: "2.1.240" }, english).remedy).toContain("2.1.248");
  });

  it.each([
    ["yes", "2.1.280", "ok"],
    ["no", "2.1.280", "warning"],
    ["no", undefined, "warning"],
    ["unreadable", "2.1.280", "warning"],
    ["no", "2.1.237", undefined],
  ] as const)("trust stored: %s, version %s", (stored, version, verdict) => {
    const findings = judgeTrust({ root: "/work/acme", stored }, version, english);
    told(...findings);
    expect(findings.map((finding) => finding.verdict)).toEqual(verdict === undefined ? [] : [verdict]);
    for (const { finding } of findings) expect(finding).toContain("/work/acme");
  });

  it.each([
    ["2.1.330 (Claude Code)\n", "2.1.330"],
    ["command not found", undefined],
  ])("says its version: %j", (text, expected) => {
    expect(claudeCodeVersionIn(text)).toBe(expected);
  });
});
