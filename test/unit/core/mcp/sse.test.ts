import { EventEmitter, once } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endAfter, EventReader, eventsIn } from "../../../../src/core/mcp/sse.ts";

describe("the data of events", () => {
  test.each([
    ["one line", "data: a\n\n", ["a"]],
    ["without the blank", "data:a\n\n", ["a"]],
    ["keeping further blanks", "data:  a \n\n", [" a "]],
    ["several lines", "data: a\ndata: b\n\n", ["a\nb"]],
    ["with id, name and comment", ": hi\nid: 1\nevent: message\ndata: a\nretry: 1\n\n", ["a"]],
    ["empty data", "data\n\n", [""]],
    ["no data, no event", "event: ping\n\n", []],
    ["a longer name is another field", "datum: a\n\n", []],
    ["line ends of every kind", "data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["a", "b", "c"]],
    ["after a byte order mark", "\ufeffdata: a\n\n", ["a"]],
    ["an event that is not complete does not count", "data: a\n\ndata: b\n", ["a"]],
  ])("%s", (_, text, expected) => {
    expect(eventsIn(text)).toEqual(expected);
  });

  test("do not depend on how the text is cut", () => {
    const event = fc
      .tuple(fc.constantFrom("\n", "\r", "\r\n"), fc.array(fc.string({ unit: "binary" }), { minLength: 1 }))
      .map(([eol, lines]) => ({
        data: lines.map((line) => line.replaceAll(/[\r\n]/g, " ")),
        eol,
      }));
    fc.assert(
      fc.property(fc.array(event), fc.array(fc.nat(20)), (events, cuts) => {
        const text = events
          .map(({ data, eol }) => `${data.map((line) => `data: ${line}${eol}`).join("")}${eol}`)
          .join("");
        const reader = new EventReader();
        let rest = text;
        const read = [...cuts, text.length].flatMap((cut) => {
          const piece = rest.slice(0, cut);
          rest = rest.slice(cut);
          return reader.read(piece);
        });
        expect(read).toEqual(events.map(({ data }) => data.join("\n")));
      }),
    );
  });
});

test("a stream ends with the event that was wanted, and its source is let go", async () => {
  const events = new EventEmitter();
  const released = once(events, "released");
  const encoder = new TextEncoder();
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of ["data: one\n\nda", "ta: tw", "o\n\n"]) controller.enqueue(encoder.encode(text));
    },
    cancel: () => void events.emit("released"),
  });
  const ended = new Response(source.pipeThrough(endAfter((data) => data === "two")));
  expect(await ended.text()).toBe("data: one\n\ndata: two\n\n");
  await released;
});
