import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preferredWaitSeconds, prefersNoPush, traceIdOf } from "../../../../demo/http/request.ts";

describe("Prefer: no-push", () => {
  it.each([
    ["no-push", true],
    ["wait=8, no-push", true],
    ["No-Push;x=1, wait=8", true],
    ["no-pushing", false],
    ["wait=8", false],
    ["", false],
  ])("%s", (header, isLook) => {
    expect(prefersNoPush(header)).toBe(isLook);
  });
});

describe("Prefer: wait (RFC 7240)", () => {
  it.each([
    ["wait=20", 20],
    ["respond-async, wait=7", 7],
    ["return=minimal; wait=3", 3],
    ['wait="5"', 5],
    ["WAIT = 4", 4],
    ["wait=999999", 60],
    ["await=20", 0],
    ["wait=-1", 0],
    ["wait=soon", 0],
    ["", 0],
  ])("%s", (header, seconds) => {
    expect(preferredWaitSeconds(header)).toBe(seconds);
  });

  it("is between 0 and 60 seconds, whatever is sent", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const seconds = preferredWaitSeconds(header);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(60);
      }),
    );
  });
});

describe("traceparent (W3C Trace Context)", () => {
  const id = "0af7651916cd43dd8448eb211c80319c";

  it("names the trace", () => {
    expect(traceIdOf(`00-${id}-b7ad6b7169203331-01`)).toBe(id);
  });

  it.each([undefined, "", id, `01-${id}-b7ad6b7169203331-01`, `00-${id.toUpperCase()}-b7ad6b7169203331-01`])(
    "is none in %s",
    (header) => {
      expect(traceIdOf(header)).toBeNull();
    },
  );
});
