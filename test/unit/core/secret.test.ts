import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";

const canary = "canary-7f3a";
const secret = new Secret(canary);

describe("a secret", () => {
  it("is revealed to who asks for it by name", () => {
    expect(secret.reveal()).toBe(canary);
  });

  it.each<[string, () => unknown]>([
    ["String()", () => String(secret)],
    ["concatenation", () => ["", secret].join("")],
    ["JSON", () => JSON.stringify({ deep: [{ secret }] })],
    ["inspect", () => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ["console formatting", () => format("%s %o %O %j", secret, secret, secret, secret)],
    ["its properties", () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)].map(String))],
    ["a copy", () => inspect(Object.assign({}, secret))],
    ["a structured clone", () => inspect(structuredClone(secret))],
    ["an error's message", () => new Error(String(secret)).message],
    ["URL parameters", () => new URLSearchParams({ secret: String(secret) }).toString()],
    ["an untyped comparison", () => Number(secret)],
  ])("is not seen through %s", (_how, print) => {
    expect(String(print())).not.toContain(canary);
  });

  it("says that it is one", () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      "[secret]",
      '"[secret]"',
      "[secret]",
    ]);
  });
});
