import { describe, expect, it } from "vitest";
import { startTrace, withTrace } from "../../../src/core/trace.ts";

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

describe("a fetch with a trace", () => {
  /** The trace ids of requests, each sent with the headers that are given. */
  const sent = async (
    trace: ReturnType<typeof startTrace> | undefined,
    ...requests: readonly (RequestInit | undefined)[]
  ): Promise<(string | undefined)[]> => {
    const seen: (string | undefined)[] = [];
    const fetch = withTrace((_url, init) => {
      const header = new Headers(init?.headers).get("traceparent") ?? "";
      seen.push(traceparent.exec(header)?.groups?.["traceId"]);
      return Promise.resolve(new Response());
    }, trace);
    for (const init of requests) await fetch("https://idp.example.com/", init);
    return seen;
  };

  it("adds its own to every request", async () => {
    const trace = startTrace();
    expect(await sent(trace, undefined, { headers: { accept: "text/plain" } })).toEqual([
      trace.traceId,
      trace.traceId,
    ]);
  });

  it("leaves the one that a request has", async () => {
    const own = startTrace();
    expect(await sent(startTrace(), { headers: { traceparent: own.traceparent() } })).toEqual([own.traceId]);
  });

  it("makes one for each request where none is given", async () => {
    const [first, second] = await sent(undefined, undefined, undefined);
    expect(first).toBeDefined();
    expect(second).not.toBe(first);
  });
});
