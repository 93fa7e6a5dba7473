import { describe, expect, it } from "vitest";
import { SingleFlight } from "../../../../src/core/retry/singleFlight.ts";

describe("work that runs once at a time", () => {
  it("is shared by all who ask while it runs, by key", async () => {
    const flights = new SingleFlight<string, number>();
    let runs = 0;
    const work = (): Promise<number> => Promise.resolve((runs += 1));
    const [a, b, c] = await Promise.all([
      flights.run("x", work),
      flights.run("x", work),
      flights.run("y", work),
    ]);
    expect([a, b, c]).toEqual([1, 1, 2]);
  });

  it("runs anew for who asks after it ended", async () => {
    const flights = new SingleFlight<string, number>();
    let runs = 0;
    const work = (): Promise<number> => Promise.resolve((runs += 1));
    expect([await flights.run("x", work), await flights.run("x", work)]).toEqual([1, 2]);
    expect(flights.has("x")).toBe(false);
  });

  it.each<[string, () => Promise<never>]>([
    ["rejects", () => Promise.reject(new Error("no"))],
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
  ])("tells all when it %s, and is then over", async (_what, work) => {
    const flights = new SingleFlight<string, never>();
    const both = [flights.run("x", work), flights.run("x", work)];
    expect(flights.has("x")).toBe(true);
    for (const each of both) await expect(each).rejects.toThrow("no");
    expect(flights.has("x")).toBe(false);
  });

  it("is joined, not repeated, by work that asks for itself", async () => {
    const flights = new SingleFlight<string, string>();
    let inner: Promise<string> | undefined;
    const outer = flights.run("x", () => {
      inner = flights.run("x", () => Promise.resolve("inner"));
      return Promise.resolve("outer");
    });
    expect(await outer).toBe("outer");
    expect(await inner).toBe("outer");
  });
});
