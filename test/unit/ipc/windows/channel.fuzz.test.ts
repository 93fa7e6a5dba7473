import fc from "fast-check";
import { duplexPair } from "node:stream";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { Channel } from "../../../../src/ipc/windows/channel.ts";
import type { Message } from "../../../../src/ipc/windows/messages.ts";
import { fuzzRuns } from "../../../support/fuzz.ts";

/** What another process writes into the connection between windows, and what becomes of it. */
const told = async (chunks: readonly Uint8Array[]): Promise<{ heard: readonly Message[]; ends: number }> => {
  const [here, there] = duplexPair();
  const heard: Message[] = [];
  let ends = 0;
  const channel = new Channel(here, {
    onMessage: (message) => heard.push(message),
    onEnd: () => (ends += 1),
  });
  there.on("error", () => undefined);
  there.resume();
  for (const chunk of chunks) if (!there.destroyed) there.write(chunk);
  there.end();
  await finished(here, { writable: false }).catch(() => undefined);
  channel.end();
  return { heard, ends };
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const kind = fc.constantFrom("hello", "roster", "rows", "news", "beat", "leaving", "__proto__", "");
const member = fc.oneof(fc.jsonValue({ maxDepth: 2 }), kind, fc.constantFrom([], [{}], { kind: "seen" }));
const nearly = fc.record(
  { kind, protocol: member, id: member, record: member, rows: member, ids: member, news: member },
  { requiredKeys: ["kind"] },
);
const line = fc.oneof(
  { weight: 4, arbitrary: nearly.map((value) => bytes(`${JSON.stringify(value)}\n`)) },
  { weight: 1, arbitrary: fc.json().map((text) => bytes(`${text}\n`)) },
  { weight: 1, arbitrary: fc.constant(bytes('{"kind":"beat"}\n')) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
);

test("whatever is said, it is a message or the end, and the end is told once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const { heard, ends } = await told(lines);
      expect(ends).toBe(1);
      expect(heard.length).toBeLessThanOrEqual(
        lines.reduce((sum, one) => sum + one.filter((b) => b === 10).length, 0),
      );
    }),
    { numRuns: fuzzRuns(1500) },
  );
});

test("messages come whole and in order, wherever the bytes are cut", async () => {
  const sealed = fc.string({ unit: "binary", maxLength: 20 });
  const messages = fc.array(sealed, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(messages, fc.array(fc.nat({ max: 40 }), { maxLength: 10 }), async (texts, cuts) => {
      const said: readonly Message[] = texts.map((each) => ({
        kind: "news",
        news: { kind: "secret", sealed: each },
      }));
      const all = bytes(said.map((message) => `${JSON.stringify(message)}\n`).join(""));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(all.slice(at, at + cut));
        at += cut;
      }
      const { heard } = await told([...chunks, all.slice(at)]);
      expect(heard).toEqual(JSON.parse(JSON.stringify(said)));
    }),
    { numRuns: fuzzRuns(500) },
  );
});
