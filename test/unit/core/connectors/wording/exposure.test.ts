import { describe, expect, it } from "vitest";
import {
  exposureOf,
  lastCredentialSentence,
  worstCaseSentence,
  worstOf,
  type Exposure,
} from "../../../../../src/core/connectors/wording/exposure.ts";
import { english } from "../../../../../src/core/text.ts";

const nowMs = 1_000_000;
const until = (atMs: number): Exposure => ({ kind: "until", atMs });

describe("how long what was handed out can live", () => {
  it.each([
    ["nothing was", undefined, { kind: "none" }],
    ["it has expired", { atMs: 1, expiresAtMs: nowMs }, { kind: "none" }],
    ["it expires later", { atMs: 1, expiresAtMs: nowMs + 5 }, until(nowMs + 5)],
    ["the vault named no end", { atMs: 1 }, { kind: "unknown" }],
  ])("is known when %s", (_what, issued, expected) => {
    expect(exposureOf(issued, nowMs)).toEqual(expected);
  });

  it("is the worst of all connectors: the last to end, and one without an end before all", () => {
    expect(worstOf([])).toEqual({ kind: "none" });
    expect(worstOf([{ kind: "none" }, until(7), until(9), until(8)])).toEqual(until(9));
    expect(worstOf([until(9), { kind: "unknown" }])).toEqual({ kind: "unknown" });
  });
});

describe("the sentences", () => {
  it.each([
    [1, "1 s more"],
    [90_000, "90 s more"],
    [290_001, "5 min more"],
    [7_200_001, "3 h more"],
  ])("round up: %d ms are %s", (leftMs, words) => {
    const issued = { atMs: 1, expiresAtMs: nowMs + leftMs };
    expect(lastCredentialSentence(issued, english, nowMs)).toContain(words);
    expect(worstCaseSentence(until(nowMs + leftMs), english, nowMs)).toContain(words);
  });

  it("name the time where they are read later than they are made", () => {
    const ends = (atMs: number): string => `until ${atMs}`;
    const atMs = nowMs + 1;
    expect(lastCredentialSentence({ atMs: 1, expiresAtMs: atMs }, english, nowMs, ends)).toContain(
      `can live until ${atMs}, even`,
    );
    expect(worstCaseSentence(until(atMs), english, nowMs, ends)).toContain(`can live until ${atMs}.`);
  });

  it("say nothing where nothing was handed out, and that an end is not known where it is not", () => {
    expect(lastCredentialSentence(undefined, english, nowMs)).toBeUndefined();
    expect(lastCredentialSentence({ atMs: 1 }, english, nowMs)).toContain("does not say");
    expect(worstCaseSentence({ kind: "unknown" }, english, nowMs)).toContain("names no end");
    expect(worstCaseSentence({ kind: "none" }, english, nowMs)).toBe(
      "Nothing that was handed out still lives.",
    );
  });
});
