import { describe, expect, it } from "vitest";
import {
  hasExpired,
  isWaiting,
  noFasterThan,
  pollTermsOf,
} from "../../../../../src/core/connectors/wait/waiting.ts";
import { grants, refusals } from "../../../../support/grants.ts";

describe("an answer that waits for the person", () => {
  it.each(Object.entries(refusals))("%s", (_name, refusal) => {
    expect(isWaiting(refusal)).toBe(["needsConnection", "stepUp", "pending"].includes(refusal.kind));
  });

  it("is none once it is granted", () => {
    expect(isWaiting(grants.granted())).toBe(false);
  });
});

describe("what a source says of asking again", () => {
  it.each(Object.entries(refusals))("%s", (name, refusal) => {
    const polled = ["needsConnection", "stepUpPage", "push", "pending"].includes(name);
    expect(pollTermsOf(refusal)?.intervalMs).toBe(polled ? 5_000 : undefined);
  });

  it("is over at its expiry, and never without one", () => {
    expect(hasExpired({ kind: "push", intervalMs: 1, expiresAtMs: 10 }, 9)).toBe(false);
    expect(hasExpired({ kind: "push", intervalMs: 1, expiresAtMs: 10 }, 10)).toBe(true);
    expect(hasExpired({ kind: "push", intervalMs: 1 }, Infinity)).toBe(false);
    expect(hasExpired(undefined, Infinity)).toBe(false);
  });
});

describe("the same wait with no less than an interval", () => {
  it.each([
    ["needsConnection", grants.needsConnection()],
    ["a push", grants.push()],
    ["a page", grants.stepUpPage()],
    ["pending", grants.pending()],
  ])("%s", (_name, waiting) => {
    expect(pollTermsOf(noFasterThan(waiting, 7_000))?.intervalMs).toBe(7_000);
    expect(noFasterThan(waiting, 1_000)).toEqual(waiting);
  });

  it("leaves a wait alone that nobody polls for", () => {
    expect(noFasterThan(grants.reauthenticate(), 7_000)).toEqual(grants.reauthenticate());
  });
});
