import { describe, expect, test } from "vitest";
import { TickCoalescer } from "../../../../src/ipc/api/tickCoalescer.ts";

const count = (): { readonly next: () => Promise<number>; readonly asked: () => number } => {
  let asked = 0;
  return { next: () => Promise.resolve((asked += 1)), asked: () => asked };
};

describe("questions put together", () => {
  test("in one turn share one answer, kind by kind", async () => {
    const [together, { next, asked }] = [new TickCoalescer<string, number>(), count()];
    const answers = ["a", "b", "a"].map((kind) => together.share(kind, next));
    expect(await Promise.all(answers)).toEqual([1, 2, 1]);
    expect(asked()).toBe(2);
  });

  test("are answered by what is so once all of them are put", async () => {
    const together = new TickCoalescer<string, string>();
    let seen = "before";
    const answers = [together.share("a", () => Promise.resolve(seen))];
    seen = "after";
    answers.push(together.share("a", () => Promise.resolve(seen)));
    expect(await Promise.all(answers)).toEqual(["after", "after"]);
  });

  test("while an answer is under way, the next is begun anew: it may have been made before they asked", async () => {
    const together = new TickCoalescer<string, string>();
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const first = together.share("a", async () => {
      begin();
      await new Promise((resolve) => setImmediate(resolve));
      return "first";
    });
    await begun;
    expect(await together.share("a", () => Promise.resolve("second"))).toBe("second");
    expect(await first).toBe("first");
  });

  test("fail together, and are not remembered", async () => {
    const together = new TickCoalescer<string, string>();
    const failing = [1, 2].map(() => together.share("a", () => Promise.reject(new Error("no"))));
    for (const answer of failing) await expect(answer).rejects.toThrow("no");
    expect(await together.share("a", () => Promise.resolve("yes"))).toBe("yes");
  });
});
