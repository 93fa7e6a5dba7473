import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventBytes } from "../../../../src/bridge/wire/events.ts";
import { createHttp } from "../../../../src/bridge/wire/http.ts";
import { Lines } from "../../../../src/bridge/wire/lines.ts";

/** The bytes in pieces, cut wherever chance will have it. */
const pieces = (bytes: Buffer, cuts: readonly number[]): readonly Buffer[] => {
  const at = [0, ...cuts.map((cut) => cut % (bytes.byteLength + 1)).sort((a, b) => a - b), bytes.byteLength];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe("lines", () => {
  it("are the same however their bytes come, within a letter too", () => {
    const texts = fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", "")));
    fc.assert(
      fc.property(texts, cuts, (all, at) => {
        const lines = new Lines();
        const bytes = Buffer.from(all.map((text) => `${text}\n`).join(""));
        expect(pieces(bytes, at).flatMap((piece) => [...lines.read(piece)].map(String))).toEqual(all);
        expect(lines.rest().byteLength).toBe(0);
      }),
    );
  });

  it("take time that grows with their length alone", () => {
    const lines = new Lines();
    const chunk = Buffer.alloc(1024, "a");
    const startedMs = performance.now();
    for (let each = 0; each < 50_000; each += 1) expect([...lines.read(chunk)].length).toBe(0);
    const [line] = lines.read(Buffer.from("\n"));
    expect(line?.byteLength).toBe(50_000 * 1024);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe("events", () => {
  const read = (text: string, at: readonly number[] = []): readonly string[] => {
    const events = new EventBytes();
    return pieces(Buffer.from(text), at).flatMap((piece) =>
      [...events.read(piece)].map(({ data }) => String(data)),
    );
  };

  it.each([
    ["data: a\n\n", ["a"]],
    ["data:a\r\n\r\n", ["a"]],
    ["data: a\r\rdata: b\r\r", ["a", "b"]],
    ["data: a\ndata: b\n\n", ["a\nb"]],
    [": comment\nevent: x\nid: 1\nretry: 5\n\n", []],
    ["\ufeffdata: a\n\n", ["a"]],
    ["data: a\n", []],
    ["data\n\n", [""]],
    ["database: a\n\n", []],
  ])("%j are %j", (text, expected) => {
    expect(read(text)).toEqual(expected);
    expect(
      read(
        text,
        Array.from({ length: text.length * 3 }, (_each, index) => index),
      ),
    ).toEqual(expected);
  });

  it.each(["7", "naïve-π-🎉", "a b", "=?x?="])("have the id %j, which goes back as it came", async (id) => {
    const events = new EventBytes();
    expect([...events.read(Buffer.from(`id: ${id}\ndata: a\n\n`))]).toHaveLength(1);
    const server = createServer(({ headers }, response) => response.end(headers["last-event-id"]));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const response = await createHttp()({
        ...{ method: "GET", url: `http://127.0.0.1:${port}/`, signal: new AbortController().signal },
        headers: { "last-event-id": events.lastId },
      });
      const [came] = (await once(response, "data")) as [Buffer];
      // Node reads a header's bytes one by one.
      expect(Buffer.from(came.toString("utf8"), "latin1").toString("utf8")).toBe(id);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it.each(["\0", "\u0001", "a\u007f", "a\u001bb"])("pass over an id that no header holds: %j", (id) => {
    const events = new EventBytes();
    expect([...events.read(Buffer.from(`id: 7\ndata: a\n\nid: ${id}\ndata: b\n\n`))]).toHaveLength(2);
    expect(events.lastId).toBe("7");
  });

  it("say after which the stream can be resumed, and when", () => {
    const events = new EventBytes();
    expect([...events.read(Buffer.from("id: 7\nretry: 250\ndata: a\n\nid: 8\ndata: b\n"))]).toHaveLength(1);
    expect(events).toMatchObject({ lastId: "7", retryMs: 250 });
  });
});
