import { describe, expect, it } from "vitest";
import { forLog, hasCode, LanyardError } from "../../../src/core/errors.ts";

describe("an error of ours", () => {
  it("is known by its code, never by its words", () => {
    const error = new LanyardError("timedOut", "Too slow.");
    expect([hasCode(error, "timedOut"), hasCode(error, "network")]).toEqual([true, false]);
    expect(hasCode(new Error("timedOut"), "timedOut")).toBe(false);
  });
});

describe("an error in the log", () => {
  const refused = Object.assign(new Error("connect 10.0.0.1:443 canary"), { code: "ECONNREFUSED" });

  it("is told in our own words, with the code of what caused it", () => {
    const fetchFailed = new TypeError("fetch failed canary", { cause: refused });
    const error = new LanyardError("network", "vault.example.com cannot be reached.", { cause: fetchFailed });
    expect(forLog(error)).toBe(
      "network: vault.example.com cannot be reached. < TypeError < Error ECONNREFUSED",
    );
  });

  it.each<[unknown, string]>([
    [refused, "Error ECONNREFUSED"],
    [new TypeError("Bearer canary is an invalid header value"), "TypeError"],
    ["canary", "string"],
    [{ canary: true }, "object"],
    [undefined, "undefined"],
  ])("is told without a stranger's words: %s", (error, told) => {
    expect(forLog(error)).toBe(told);
  });

  it("ends, also where causes go round", () => {
    const error: Error = new Error("a");
    error.cause = error;
    expect(forLog(error)).toMatch(/^Error(?: < Error){1,5}$/);
  });
});
