import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  looksLikeHeaders,
  readIntroduction,
  readPlainReply,
  readScriptReply,
} from "../../../../src/ipc/api/replies.ts";

describe("a reply for a shell", () => {
  test("is an exit code, a line feed and a text, which may have several lines", () => {
    expect(readPlainReply("0\na\nb\n")).toEqual({ exitCode: 0, text: "a\nb" });
    expect(readPlainReply("10\nwhy")).toEqual({ exitCode: 10, text: "why" });
  });

  test.each(["", "0", "0\n", "0\n\n", "11\nx", "-1\nx", "x", "\nx", "00\nx", " 0\nx", '{"a":"b"}'])(
    "%j is none",
    (body) => {
      expect(readPlainReply(body)).toBeUndefined();
    },
  );
});

describe("a reply to a helper that can run a script", () => {
  const run = { kind: "start", ticket: "0123456789abcdef".repeat(2), issuer: "https://idp", token: "t" };

  test("is a ticket, or the end", () => {
    expect(readScriptReply(JSON.stringify(run))).toEqual(run);
    const placed = { ...run, program: "/work/acme/get.sh", folder: "/work/acme" };
    expect(readScriptReply(JSON.stringify(placed))).toEqual(placed);
    expect(readScriptReply('{"kind":"refused","exitCode":8,"text":"no"}')).toEqual({
      kind: "done",
      exitCode: 8,
      text: "no",
    });
  });

  test.each([
    ["a ticket that leads elsewhere", { ...run, ticket: "../token" }],
    ["no token", { ...run, token: undefined }],
    ["a program of no name", { ...run, program: "" }],
    ["a folder that is none", { ...run, folder: 1 }],
    ["a kind of former versions", { ...run, kind: "run" }],
    ["no text", { kind: "granted", exitCode: 0, text: "" }],
    ["an exit code of no meaning", { kind: "granted", exitCode: 0.5, text: "x" }],
    ["a list", []],
    ["nothing", null],
  ])("with %s is none", (_what, body) => {
    expect(readScriptReply(JSON.stringify(body))).toBeUndefined();
  });
});

test("headers are one line, an object of at least one string", () => {
  expect(looksLikeHeaders('{"a":"b"}')).toBe(true);
  for (const text of [
    "{}",
    "[]",
    '{"a":1}',
    '["a"]',
    '{"a":"b"}\n{"c":"d"}',
    'x{"a":"b"}',
    '{"a":{"b":"c"}}',
  ]) {
    expect(looksLikeHeaders(text)).toBe(false);
  }
});

test("no body whatsoever is more than a reply or none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (body) => {
      readScriptReply(body);
      readPlainReply(body);
      readIntroduction(body);
    }),
  );
});
