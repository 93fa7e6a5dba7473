import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemsOf, membersOf, onOneLine, textIn, wholeOf } from "../../../../src/bridge/wire/json.ts";
import { isSameId, readMessage, paramOf } from "../../../../src/bridge/wire/message.ts";

const bytesOf = (text: string): Buffer => Buffer.from(text);
const spaces = fc.constantFrom(null, 1, "\t", "  ");

describe("the members of an object", () => {
  it("are found in whatever JSON there is, as they were written", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), spaces, (object, indent) => {
        const bytes = bytesOf(JSON.stringify(object, null, indent ?? undefined));
        const members = membersOf(bytes, wholeOf(bytes));
        const read = [...(members ?? [])].map(([name, span]): [string, unknown] => [
          name,
          JSON.parse(textIn(bytes, span) ?? ""),
        ]);
        expect(Object.fromEntries(read)).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });

  it("are none where anything was cut out of the text", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (object, at) => {
        const text = JSON.stringify(object);
        const cut = bytesOf(text.slice(0, at % text.length));
        expect(membersOf(cut, wholeOf(cut))).toBeUndefined();
      }),
    );
  });

  it.each([
    ["[]"],
    ["{}{}"],
    ['{"a":1,}'],
    ['{"a" 1}'],
    ["{a:1}"],
    ['{"a":01}'],
    ['{"a":tru}'],
    ['{"a":[1 2]}'],
  ])("are none in %s", (text) => {
    expect(membersOf(bytesOf(text), wholeOf(bytesOf(text)))).toBeUndefined();
  });

  it("are none in what is nested without end", () => {
    const deep = bytesOf(`{"a":${"[".repeat(100_000)}`);
    expect(membersOf(deep, wholeOf(deep))).toBeUndefined();
  });
});

it("the items of an array are found as they were written", () => {
  expect(itemsOf(bytesOf(' [1.0, {"a":[]} ,"x"] '))?.map(String)).toEqual(["1.0", '{"a":[]}', '"x"']);
  expect(itemsOf(bytesOf("[1,]"))).toBeUndefined();
});

it("line ends between the parts become blanks, and one within a text is none", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const line = onOneLine(bytesOf(JSON.stringify({ value }, null, 2)));
      expect(line?.includes(10)).toBe(false);
      expect(JSON.parse(String(line))).toEqual(JSON.parse(JSON.stringify({ value })));
    }),
  );
  expect(onOneLine(bytesOf('{"a":"x\ny"}'))).toBeUndefined();
});

describe("a message", () => {
  it.each([
    ['{"jsonrpc":"2.0","id":1,"method":"a"}', "request"],
    ['{"jsonrpc":"2.0","method":"a"}', "notification"],
    ['{"jsonrpc":"2.0","id":"x","result":{}}', "response"],
    ['{"jsonrpc":"2.0","id":null,"error":{}}', "response"],
  ])("%s is a %s, byte for byte", (text, kind) => {
    const message = readMessage(bytesOf(text));
    expect(message?.kind).toBe(kind);
    expect(String(message?.bytes)).toBe(text);
  });

  it.each([
    ["null"],
    ["[]"],
    ["{}"],
    ['{"id":1}'],
    ['{"method":1}'],
    ['{"method":1,"id":1,"result":1}'],
    ['{"id":1,"result":"\\x"}'],
    ['{"id":1,"result":"\t"}'],
  ])("is not %s", (text) => {
    expect(readMessage(bytesOf(text))).toBeUndefined();
  });

  it("is not what is no UTF-8", () => {
    expect(
      readMessage(Buffer.from([...bytesOf('{"id":1,"result":"'), 0xff, ...bytesOf('"}')])),
    ).toBeUndefined();
  });

  it("gives one member of its params", () => {
    const message = readMessage(
      bytesOf('{"id":1,"method":"tools/call","params":{"name":"a","arguments":{"name":"b"}}}'),
    );
    expect(message && paramOf(message, "name")).toBe("a");
    expect(message && paramOf(message, "uri")).toBeUndefined();
  });

  it.each([
    ["1", "1", true],
    ['"a"', '"\\u0061"', true],
    ["1", '"1"', false],
    ["9007199254740993", "9007199254740992", false],
    ["1", undefined, false],
  ])("with the id %s is answered by %s: %s", (one, other, expected) => {
    expect(isSameId(one, other)).toBe(expected);
  });
});
