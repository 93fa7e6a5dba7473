import { describe, expect, test } from "vitest";
import { runSteps, type Step } from "../../../../../src/editor/mcpJson/wizard/steps.ts";

type Answers = readonly string[];

/** A question that gives these answers, one each time it is asked; `<` goes back, a dot has nothing to ask. */
const question = (log: string[], name: string, ...answers: readonly string[]): Step<Answers> => {
  const left = [...answers];
  return (state, step) => {
    const answer = left.shift() ?? "<";
    if (answer === ".") return Promise.resolve({ kind: "skipped", state });
    log.push(`${step} ${name}(${state.join("")})`);
    if (answer === "<") return Promise.resolve({ kind: "back" });
    return Promise.resolve({ kind: "answered", state: [...state, answer] });
  };
};

describe("questions are asked one after the other", () => {
  test("and their answers are collected", async () => {
    const log: string[] = [];
    expect(await runSteps([question(log, "a", "A"), question(log, "b", "B")], [])).toEqual(["A", "B"]);
    expect(log).toEqual(["1 a()", "2 b(A)"]);
  });

  test("and going back asks the one before again, without what came after", async () => {
    const log: string[] = [];
    const steps = [question(log, "a", "A", "X"), question(log, "b", "<", "B")];
    expect(await runSteps(steps, [])).toEqual(["X", "B"]);
    expect(log).toEqual(["1 a()", "2 b(A)", "1 a()", "2 b(X)"]);
  });

  test("and what was not asked is neither counted nor gone back to", async () => {
    const log: string[] = [];
    const steps = [question(log, "a", "A", "X"), question(log, "b", ".", "."), question(log, "c", "<", "C")];
    expect(await runSteps(steps, [])).toEqual(["X", "C"]);
    expect(log).toEqual(["1 a()", "2 c(A)", "1 a()", "2 c(X)"]);
  });

  test("until the person goes back from the first", async () => {
    expect(await runSteps([question([], "a", "<")], [])).toBeUndefined();
  });
});
