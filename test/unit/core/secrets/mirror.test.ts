import { describe, expect, test } from "vitest";
import { SecretsMirror } from "../../../../src/core/secrets/mirror.ts";
import {
  fakeClock,
  memorySecrets,
  recordingLog,
  type FakeClock,
  type MemorySecrets,
  type RecordingLog,
} from "../../../support/ports.ts";

/** One window of an editor in a browser: its copy of the storage is what it was when the window opened. */
interface Window {
  readonly mirror: SecretsMirror;
  readonly secrets: MemorySecrets;
  readonly log: RecordingLog;
  readonly told: string[];
}

const openWindow = (clock: FakeClock, copyOf?: Window): Window => {
  const secrets = memorySecrets();
  for (const [key, value] of copyOf?.secrets.entries ?? []) secrets.entries.set(key, value);
  const log = recordingLog();
  const mirror = new SecretsMirror({ secrets, clock, log });
  const told: string[] = [];
  mirror.onTell((sealed) => told.push(sealed));
  return { mirror, secrets, log, told };
};

/** Two windows of one editor. What one tells reaches the other when `deliver` is called. */
const twoWindows = async (): Promise<{ clock: FakeClock; a: Window; b: Window }> => {
  const clock = fakeClock();
  const a = openWindow(clock);
  await a.mirror.prepare();
  return { clock, a, b: openWindow(clock, a) };
};

const deliver = async (from: Window, to: Window): Promise<void> => {
  await from.mirror.prepare();
  for (const sealed of from.told.splice(0)) await to.mirror.take(sealed);
};

describe("what one window stores", () => {
  test("is there in the other, which hears of it", async () => {
    const { a, b } = await twoWindows();
    const heard: string[] = [];
    b.mirror.onDidChange(({ key }) => heard.push(key));
    await a.mirror.store("session", "one");
    await a.mirror.store("session", "two");
    await deliver(a, b);
    expect(await b.mirror.get("session")).toBe("two");
    expect(heard).toEqual(["session", "session"]);
    await a.mirror.delete("session");
    await deliver(a, b);
    expect(await b.mirror.get("session")).toBeUndefined();
  });

  test("is told even where its own copy cannot be written: the session that it renewed goes on in the others", async () => {
    const { a, b } = await twoWindows();
    a.secrets.store = () => Promise.reject(new Error("The browser is gone."));
    await expect(a.mirror.store("session", "rotated")).rejects.toThrow("gone");
    await deliver(a, b);
    expect(await b.mirror.get("session")).toBe("rotated");
  });

  test("is told sealed: who listens learns neither key nor value", async () => {
    const { a } = await twoWindows();
    await a.mirror.store("session-key-canary", "refresh-token-canary");
    await a.mirror.prepare();
    expect(a.told).toHaveLength(1);
    const raw = a.told.map((text) =>
      text
        .split(".")
        .map((part) => atob(part))
        .join(""),
    );
    expect(`${a.told.join()}${raw.join()}`).not.toMatch(/canary/);
  });

  test("does not overwrite what the other stored later", async () => {
    const { clock, a, b } = await twoWindows();
    await a.mirror.store("session", "older");
    clock.advance(1);
    await b.mirror.store("session", "newer");
    await deliver(a, b);
    await deliver(b, a);
    expect(await a.mirror.get("session")).toBe("newer");
    expect(await b.mirror.get("session")).toBe("newer");
  });

  test("is told again to a window that came meanwhile", async () => {
    const { clock, a, b } = await twoWindows();
    await a.mirror.store("session", "rotated");
    a.told.splice(0);
    await a.mirror.prepare();
    a.told.splice(0);
    const late = openWindow(clock, b);
    a.mirror.retell();
    await deliver(a, late);
    expect(await late.mirror.get("session")).toBe("rotated");
  });
});

describe("what does not come from a window of this editor", () => {
  test.each(["", ".", "AAAA.AAAA", "not base64.at all"])("%j is nothing", async (sealed) => {
    const { b } = await twoWindows();
    await b.mirror.take(sealed);
    expect([...b.secrets.entries.keys()]).toEqual(["lanyard.windows.key"]);
    expect(b.log.text()).toContain("secrets.unreadable");
  });

  test("nor is what was sealed with another key", async () => {
    const { clock, b } = await twoWindows();
    const stranger = openWindow(clock);
    await stranger.mirror.store("session", "theirs");
    await deliver(stranger, b);
    expect(await b.mirror.get("session")).toBeUndefined();
  });
});
