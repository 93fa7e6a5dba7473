import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { english } from "../../../../src/core/text.ts";
import { allowedName, readHeaders, validHeader } from "../../../../src/core/credentials/headers.ts";
import { plainHeaders } from "../../../support/asks.ts";

describe("a header that a credential source may make", () => {
  it.each([
    ["Authorization", "Bearer abc"],
    ["X-API-Key", "k"],
    ["DD-APPLICATION-KEY", "a b\tc"],
    ["Cookie", "session=1"],
  ])("%s: %s", (name, value) => expect(validHeader(name, value)).toBe(true));

  it.each([
    ["frames the message", "Content-Length", "0"],
    ["frames the message", "Transfer-Encoding", "chunked"],
    ["names the host", "Host", "evil.example.com"],
    ["belongs to the hop", "Connection", "close"],
    ["belongs to the hop", "proxy-authorization", "Basic x"],
    ["belongs to the MCP transport", "Mcp-Session-Id", "someone-else"],
    ["belongs to the MCP transport", "mcp-protocol-version", "1"],
    ["belongs to the browser", "Sec-Fetch-Site", "none"],
    ["trips JavaScript", "__proto__", "x"],
    ["is no token", "X Key", "x"],
    ["is no token", "X-Key:", "x"],
    ["is no token", "", "x"],
    ["ends the header", "X-Key", "a\r\nX-Other: b"],
    ["holds a zero byte", "X-Key", "a\u0000"],
    ["is not ASCII", "X-Key", "ключ"],
    ["is empty", "X-Key", ""],
    ["has a blank at its start", "X-Key", " a"],
    ["has a blank at its end", "X-Key", "a "],
    ["is too long", "X-Key", "a".repeat(32 * 1024 + 1)],
  ])("is none that %s: %s", (_why, name, value) => expect(validHeader(name, value)).toBe(false));
});

it.each([
  ["Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host"],
  ["HTTP2-Settings", "Keep-Alive", "Last-Event-ID", "Proxy-Authenticate", "Proxy-Authorization"],
  ["Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "__proto__"],
])("a credential source sets none of %s, %s, %s, %s, %s…, in whichever case", (...names) => {
  for (const name of names) {
    expect([name, allowedName(name)]).toEqual([name, false]);
    expect([name, allowedName(name.toLowerCase())]).toEqual([name, false]);
  }
});

it("only what begins with the transport's and the browser's prefixes is theirs", () => {
  expect(["X-Mcp-Tenant", "X-Sec-Level"].map(allowedName)).toEqual([true, true]);
});

it("a name and a value of the greatest length are taken, one character more is not", () => {
  const [name, value] = ["n".repeat(128), "v".repeat(32 * 1024)];
  expect(validHeader(name, value)).toBe(true);
  expect([allowedName(`${name}n`), validHeader("X-Key", `${value}v`)]).toEqual([false, false]);
});

it("32 headers are taken, one more is not", () => {
  const of = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-Key-${index}`, "v"]));
  expect([readHeaders(of(32)).kind, readHeaders(of(33)).kind]).toEqual(["headers", "problem"]);
});

describe("reading what is said to be headers", () => {
  it("takes an object of strings and keeps the values secret", () => {
    const read = readHeaders({ Authorization: "Bearer abc", "X-Team": "red" });
    expect(JSON.stringify(read)).toBe(
      '{"kind":"headers","headers":{"Authorization":"[secret]","X-Team":"[secret]"}}',
    );
    expect(read.kind === "headers" && plainHeaders(read.headers)).toEqual({
      Authorization: "Bearer abc",
      "X-Team": "red",
    });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "Authorization: Bearer abc"],
    ["an array", ["Bearer abc"]],
    ["an empty object", {}],
    ["a number", { Authorization: 42 }],
    ["an object within", { Authorization: { value: "Bearer abc" } }],
    ["one good and one bad header", { Authorization: "Bearer abc", Host: "evil.example.com" }],
    ["one name in two spellings", { Authorization: "Bearer abc", authorization: "Bearer def" }],
    ["too many", Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`X-${index}`, "a"]))],
  ])("refuses %s", (_what, given) => expect(readHeaders(given)).toMatchObject({ kind: "problem" }));

  it.each<[given: unknown, said: string]>([
    ["Bearer abc", "The headers are not a JSON object of strings."],
    [{}, "The headers are an empty object: it holds no credential."],
    [
      Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`X-${index}`, "a"])),
      "More than 32 headers were given.",
    ],
    [{ "X Key": "a" }, '"X Key" is not a header name.'],
    [{ Host: "evil.example.com" }, 'The header "Host" may not be set by a credential source.'],
    [{ "X-Key": "a", "x-key": "b" }, 'The header "x-key" is given twice.'],
    [{ "X-Key": 42 }, 'The value of the header "X-Key" is not a string.'],
    [{ "X-Key": "a\nb" }, 'The value of the header "X-Key" cannot be sent: it holds a line end.'],
    [{ "X-Key": "a\r" }, 'The value of the header "X-Key" cannot be sent: it holds a line end.'],
    [{ "X-Key": " a" }, 'The value of the header "X-Key" cannot be sent: it begins or ends with a blank.'],
    [{ "X-Key": "a\t" }, 'The value of the header "X-Key" cannot be sent: it begins or ends with a blank.'],
    [
      { "X-Key": "" },
      'The value of the header "X-Key" cannot be sent: it is empty, too long, or not plain ASCII.',
    ],
    [
      { "X-Key": "ä" },
      'The value of the header "X-Key" cannot be sent: it is empty, too long, or not plain ASCII.',
    ],
  ])("says of %j what is wrong", (given, said) => {
    const read = readHeaders(given);
    expect(read.kind === "problem" && english(read.template, ...read.args)).toBe(said);
  });

  it("names the header, never its value", () => {
    const read = readHeaders({ "X-Key": "secret\nvalue" });
    expect(read).toMatchObject({ kind: "problem", args: ["X-Key"] });
    expect(JSON.stringify(read)).not.toContain("secret\\nvalue");
  });

  it("passes on only what every client sends as it is, whatever it is given", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("Authorization", "X-Key", "Host", "__proto__"),
    );
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (given) => {
        const read = readHeaders(given);
        if (read.kind === "problem") return;
        const sent = plainHeaders(read.headers);
        expect(Object.keys(sent)).toEqual(Object.keys(given));
        expect(Object.fromEntries(new Headers(sent))).toEqual(
          Object.fromEntries(Object.entries(sent).map(([key, text]) => [key.toLowerCase(), text])),
        );
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
