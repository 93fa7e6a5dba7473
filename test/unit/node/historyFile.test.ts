import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callingProgram } from "../../../src/node/callingProgram.ts";
import { HistoryFile, historyFolder, readHistory } from "../../../src/node/historyFile.ts";
import { dangersInTerminal, hostileTexts } from "../../support/hostile.ts";
import { fakeClock } from "../../support/ports.ts";
import { historyText } from "../../../src/core/history/history.ts";
import { needs } from "../../support/needs.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-history-"));
});
afterEach(() => rm(home, { recursive: true }));

const fail = (error: unknown): never => {
  throw error;
};

test("what is noted is read again, by nobody else", async () => {
  const clock = fakeClock(1_000);
  const history = new HistoryFile({ home, clock, onError: fail });
  history.note({ kind: "handOut", connector: "crm", asker: "helper", program: undefined, expiresAtMs: 5 });
  clock.advance(1);
  history.note({ kind: "refusal", outcome: "denied" });
  await history.settled();
  expect(await readHistory(home)).toEqual([
    { atMs: 1_000, kind: "handOut", connector: "crm", asker: "helper", expiresAtMs: 5 },
    { atMs: 1_001, kind: "refusal", outcome: "denied" },
  ]);
  if (process.platform === "win32") return;
  expect((await stat(historyFolder(home))).mode & 0o777).toBe(0o700);
  expect((await stat(join(historyFolder(home), "history.jsonl"))).mode & 0o777).toBe(0o600);
});

test("a flood of calls pushes out calls alone", async () => {
  const clock = fakeClock(1_700_000_000_000);
  const history = new HistoryFile({ home, clock, onError: fail, segmentBytes: 2_000 });
  history.note({ kind: "approval", connector: "crm" });
  for (let n = 0; n < 500; n += 1) {
    history.note({ kind: "call", connector: "crm", method: "tools/call", tool: `t${n}`, status: "200" });
    clock.advance(1);
  }
  await history.settled();
  const [first, ...calls] = await readHistory(home);
  expect(first?.kind).toBe("approval");
  expect(calls.length).toBeLessThan(150);
  expect(calls.at(-1)).toMatchObject({ kind: "call", method: "tools/call", tool: "t499", status: "200" });
});

test("it stays bounded, by whole segments", async () => {
  const clock = fakeClock(1_700_000_000_000);
  const windows = [0].map(() => new HistoryFile({ home, clock, onError: fail, segmentBytes: 2_000 }));
  for (let n = 0; n < 200; n += 1) {
    for (const [index, window] of windows.entries()) window.note({ kind: "ask", connector: `${index}-${n}` });
    await Promise.all(windows.map((window) => window.settled()));
    clock.advance(1);
  }
  const names = await readdir(historyFolder(home));
  expect(names.length).toBeLessThanOrEqual(4);
  const kept = (await readHistory(home)).map(({ connector = "" }) => connector);
  expect(kept.at(-1)).toMatch(/-199$/);
  const [first = 0] = kept.map((name) => Number(name.split("-")[1]));
  expect(kept).toHaveLength(200 - first);
  expect(kept.length).toBeLessThan(200);
});

test.each(hostileTexts)("no line of it holds %s", async (_kind, text) => {
  const history = new HistoryFile({ home, clock: fakeClock(), onError: fail });
  history.note({ kind: "answer", connector: text, program: text, answeredBy: text, outcome: text });
  await history.settled();
  const lines = await readHistory(home);
  expect(lines).toHaveLength(1);
  expect(lines.map(historyText).flatMap(dangersInTerminal)).toEqual([]);
});

test("what is no line of it is passed over, and none is none", async () => {
  expect(await readHistory(home)).toEqual([]);
});

test("the program that asked is named with what started it", needs("processTable"), async () => {
  expect(await callingProgram(process.pid)).toMatch(new RegExp(`\\(${process.pid}\\)$`));
  expect(await callingProgram(process.pid)).not.toContain("MainThread");
  expect(await callingProgram(2 ** 30)).toBeUndefined();
});
