import { describe, expect, it } from "vitest";
import type { BoardEntry } from "../../../../src/core/connectors/board/boardEntry.ts";
import { GrantReuse } from "../../../../src/core/connectors/grantReuse.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { fakeClock } from "../../../support/ports.ts";

const headers = { Authorization: new Secret("Bearer x") };
const evidence = (traceId: string): { answeredBy: string; atMs: number; traceId: string } => ({
  ...{ answeredBy: "vault.example.com", atMs: 0, traceId },
});

const entryOf = (over: Partial<BoardEntry> = {}, reuseSeconds?: number): BoardEntry => {
  const connector = connectorNamed("github");
  const userAuth = { ...connector.userAuth, ...(reuseSeconds === undefined ? {} : { reuseSeconds }) };
  return {
    connector: { ...connector, userAuth },
    status: { kind: "granted", evidence: evidence("t1") },
    ...over,
  };
};

const kept = (
  entry: BoardEntry,
  expiresAtMs?: number,
): { reuse: GrantReuse; clock: ReturnType<typeof fakeClock> } => {
  const clock = fakeClock();
  const reuse = new GrantReuse({ clock });
  reuse.keep(entry.connector, {
    headers,
    traceId: "t1",
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  });
  return { reuse, clock };
};

describe("a grant", () => {
  it("serves again for ten seconds, or as many as the entry says", () => {
    for (const [entry, seconds] of [
      [entryOf(), 10],
      [entryOf({}, 3), 3],
    ] as const) {
      const { reuse, clock } = kept(entry);
      clock.advance(seconds * 1000 - 1);
      expect(reuse.take(entry)?.headers).toEqual(headers);
      clock.advance(1);
      expect(reuse.take(entry)).toBeUndefined();
    }
  });

  it("never past its expiry, and not at all with 0", () => {
    const { reuse, clock } = kept(entryOf(), fakeClock().now() + 2000);
    clock.advance(2000);
    expect(reuse.take(entryOf())).toBeUndefined();
    expect(kept(entryOf({}, 0)).reuse.take(entryOf({}, 0))).toBeUndefined();
  });

  it.each<[string, Partial<BoardEntry>]>([
    ["a newer answer", { status: { kind: "granted", evidence: evidence("t2") } }],
    ["a sign-out", { status: { kind: "signedOut", cause: "revoked", evidence: evidence("t2") } }],
    ["a check that is under way", { status: { kind: "checking" } }],
    ["an approval that is gone", { status: { kind: "unapproved", changed: true } }],
    ["another URL", { connector: { ...entryOf().connector, url: "https://other.example.com" } }],
  ])("is void by %s, also when that is over", (_what, over) => {
    const { reuse } = kept(entryOf());
    const isOther = "connector" in over;
    expect(reuse.take(entryOf(over))).toBeUndefined();
    if (!isOther) expect(reuse.take(entryOf())).toBeUndefined();
  });

  it("is void once it was refused", () => {
    const { reuse } = kept(entryOf());
    reuse.forget(entryOf().connector);
    expect(reuse.take(entryOf())).toBeUndefined();
  });
});
