import { afterEach, describe, expect, it } from "vitest";
import type { SessionChange, SessionInfo } from "../../../../../src/core/identity/session.ts";
import type { SessionHealth } from "../../../../../src/core/identity/offboarding/sessionCheck.ts";
import { Watch, type WatchParts } from "../../../../../src/core/identity/offboarding/watch.ts";
import { Emitter } from "../../../../../src/core/emitter.ts";
import { fakeClock, recordingLog } from "../../../../support/ports.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const session = (id: string): SessionInfo => ({
  id,
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  subject: "alice",
  accountLabel: id,
  scopes: ["openid"],
  signedInAtMs: 0,
});

/** Sessions that a test speaks for; every check is noted with the seconds since the start. */
class Identity {
  readonly checks: string[] = [];
  readonly changes = new Emitter<SessionChange>();
  readonly onDidChange = this.changes.event;
  readonly clock = fakeClock(0);
  sessions: readonly SessionInfo[];
  says: SessionHealth | Error | Promise<SessionHealth> = { kind: "alive" };

  constructor(...ids: readonly string[]) {
    this.sessions = ids.map(session);
  }

  list(): Promise<readonly SessionInfo[]> {
    return Promise.resolve(this.sessions);
  }

  async check(id: string): Promise<SessionHealth> {
    this.checks.push(`${id} ${this.clock.now() / 1000}`);
    if (this.says instanceof Error) throw this.says;
    return this.says;
  }
}

const open: Watch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.dispose();
});

const watching = async (
  identity: Identity,
  parts: Partial<WatchParts> = {},
): Promise<{ readonly watch: Watch; readonly pass: (seconds: number) => Promise<void> }> => {
  const watch = new Watch({
    ...{ identity, clock: identity.clock, log: recordingLog() },
    random: () => 0.5,
    intervalMs: () => 30_000,
    isFocused: () => true,
    isLeader: () => true,
    isAllowed: () => true,
    ...parts,
  });
  open.push(watch);
  await settle();
  const pass = async (seconds: number): Promise<void> => {
    await settle();
    identity.clock.advance(0);
    await settle();
    for (let left = seconds; left > 0; left -= 0.5) {
      identity.clock.advance(Math.min(left, 0.5) * 1000);
      await settle();
    }
  };
  return { watch, pass };
};

describe("the watch over the sessions", () => {
  it("asks at every interval, for each session", async () => {
    const identity = new Identity("a", "b");
    const { pass } = await watching(identity);
    await pass(65);
    expect(identity.checks).toEqual(["a 30", "b 30", "a 60", "b 60"]);
  });

  it.each([
    [0, 27],
    [0.999999, 33],
  ])("spreads the checks of many machines by a tenth (random %d: after %d s)", async (random, seconds) => {
    const identity = new Identity("a");
    const { pass } = await watching(identity, { random: () => random });
    await pass(40);
    expect(Number(identity.checks[0]?.slice(2))).toBeCloseTo(seconds, 3);
  });

  it("asks half as often while the person does not look, and at once when they come back", async () => {
    const identity = new Identity("a");
    let focused = false;
    const { watch, pass } = await watching(identity, { isFocused: () => focused });
    await pass(65);
    expect(identity.checks).toEqual(["a 60"]);
    await pass(40);
    focused = true;
    watch.reschedule();
    await pass(1);
    expect(identity.checks).toEqual(["a 60", "a 105"]);
  });

  it("takes up a sign-in, and lets a sign-out go", async () => {
    const identity = new Identity();
    const { watch, pass } = await watching(identity);
    expect(watch.size).toBe(0);
    identity.sessions = [session("a")];
    identity.changes.fire({ added: [session("a")], removed: [], changed: [] });
    await settle();
    expect(watch.size).toBe(1);
    identity.sessions = [];
    identity.changes.fire({ added: [], removed: [{ ...session("a"), cause: "never" }], changed: [] });
    await pass(90);
    expect([watch.size, identity.checks.length, identity.clock.pending]).toEqual([0, 0, 0]);
  });

  it("follows the setting when it changes", async () => {
    const identity = new Identity("a");
    let intervalMs = 3_600_000;
    const { watch, pass } = await watching(identity, { intervalMs: () => intervalMs });
    await pass(60);
    intervalMs = 5000;
    watch.reschedule();
    await pass(6);
    expect(identity.checks).toEqual(["a 60", "a 65"]);
  });
});

describe("an IdP that does not answer", () => {
  it.each<[string, SessionHealth | Error]>([
    ["says so", { kind: "unavailable", reason: "502", retryAtMs: 0 }],
    ["breaks the check", new Error("oops")],
  ])("signs nobody out, and is asked ever less often when it %s", async (_what, says) => {
    const identity = new Identity("a");
    identity.says = says;
    const { watch, pass } = await watching(identity);
    await pass(30 + 60 + 120 + 240 + 240);
    expect(identity.checks).toEqual(["a 30", "a 90", "a 210", "a 450", "a 690"]);
    expect(watch.size).toBe(1);
    identity.says = { kind: "alive" };
    await pass(240 + 30);
    expect(identity.checks.slice(5)).toEqual(["a 930", "a 960"]);
  });
});

describe("a suspicion", () => {
  it("is looked into at once, and only for those it is about", async () => {
    const identity = new Identity("a", "b");
    const { watch, pass } = await watching(identity);
    await pass(10);
    watch.suspect(({ id }) => id === "a");
    await pass(0.5);
    expect(identity.checks).toEqual(["a 10"]);
  });

  it("that comes while a check is under way has the session checked once more", async () => {
    const identity = new Identity("a");
    const { watch, pass } = await watching(identity);
    let answer = (_health: SessionHealth): void => undefined;
    identity.says = new Promise((resolve) => (answer = resolve));
    await pass(30);
    watch.suspect(() => true);
    answer({ kind: "alive" });
    await pass(1);
    expect(identity.checks).toEqual(["a 30", "a 31"]);
  });

  it("however often it comes, has the IdP asked no more than once a second", async () => {
    const identity = new Identity("a");
    const { watch, pass } = await watching(identity);
    await pass(5);
    for (let times = 0; times < 40; times += 1) {
      watch.suspect(() => true);
      await pass(0.1);
    }
    expect(identity.checks.length).toBeLessThanOrEqual(5);
  });

  it("that proves true ends the watch over that session", async () => {
    const identity = new Identity("a");
    identity.says = { kind: "signedOut", cause: "revoked" };
    const { watch, pass } = await watching(identity);
    await pass(2);
    watch.suspect(() => true);
    await pass(120);
    expect([watch.size, identity.checks.length, identity.clock.pending]).toEqual([0, 1, 0]);
  });
});

describe("a window that does not lead", () => {
  it("leaves the checks to the one that does, but not its suspicions", async () => {
    const identity = new Identity("a");
    let leads = false;
    const { watch, pass } = await watching(identity, { isLeader: () => leads });
    await pass(100);
    expect(identity.checks).toEqual([]);
    watch.suspect(() => true);
    await pass(1);
    expect(identity.checks).toEqual(["a 100"]);
    leads = true;
    await pass(30);
    expect(identity.checks).toEqual(["a 100", "a 130"]);
  });
});

it("an issuer that a policy forbids is not asked, whatever is suspected", async () => {
  const identity = new Identity("a");
  const { watch, pass } = await watching(identity, { isAllowed: () => false });
  await pass(60);
  watch.suspect(() => true);
  await pass(60);
  expect(identity.checks).toEqual([]);
});

it("the end of the watch leaves no timer and no listener", async () => {
  const identity = new Identity("a", "b");
  const { watch } = await watching(identity);
  watch.dispose();
  identity.changes.fire({ added: [session("c")], removed: [], changed: [] });
  await settle();
  expect([watch.size, identity.clock.pending]).toEqual([0, 0]);
});
