/** What a step did: it asked and has an answer, it had nothing to ask, or the person wants to go back. */
export type StepResult<S> =
  | { readonly kind: "answered"; readonly state: S }
  | { readonly kind: "skipped"; readonly state: S }
  | { readonly kind: "back" };

/** One question. `step` counts what the person has been asked, this question included. */
export type Step<S> = (state: S, step: number) => Promise<StepResult<S>>;

/**
 * Asks one question after the other; going back leads to the question asked before, with the answers up to it.
 * @returns undefined when the person went back from the first question.
 */
export const runSteps = async <S>(steps: readonly Step<S>[], initial: S): Promise<S | undefined> => {
  const asked: { readonly index: number; readonly state: S }[] = [];
  let state = initial;
  let index = 0;
  for (let step = steps[index]; step !== undefined; step = steps[index]) {
    const result = await step(state, asked.length + 1);
    if (result.kind === "back") {
      const before = asked.pop();
      if (before === undefined) return undefined;
      ({ index, state } = before);
      continue;
    }
    if (result.kind === "answered") asked.push({ index, state });
    state = result.state;
    index += 1;
  }
  return state;
};
