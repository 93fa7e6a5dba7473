import { describe, expect, it } from "vitest";
import { startTrace } from "../../../src/core/trace.ts";

/** W3C Trace Context, section 3.2.2. */
const traceparent = /^00-(?<traceId>[0-9a-f]{32})-(?<parentId>[0-9a-f]{16})-01$/;

describe("a trace", () => {
  it("names itself alike in every request, and each request by its own parent id", () => {
    const trace = startTrace();
    const [first, second] = [trace.traceparent(), trace.traceparent()].map(
      (header) => traceparent.exec(header)?.groups,
    );
    expect([first?.["traceId"], second?.["traceId"]]).toEqual([trace.traceId, trace.traceId]);
    expect(first?.["parentId"]).not.toBe(second?.["parentId"]);
  });

  it("is another one each time, or goes on under the id that is given", () => {
    expect(startTrace().traceId).not.toBe(startTrace().traceId);
    expect(startTrace("ab".repeat(16)).traceparent()).toContain("ab".repeat(16));
  });
});
