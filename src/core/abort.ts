import { LanyardError } from "./errors.ts";
import type { Clock } from "./ports.ts";

/** `abort()` without a reason gives a DOMException, which nothing of ours knows: it becomes the code for it. */
const reasonOf = (signal: AbortSignal): Error => {
  const reason: unknown = signal.reason;
  const isUntold = reason instanceof DOMException && reason.name === "AbortError";
  if (reason instanceof Error && !isUntold) return reason;
  return new LanyardError("cancelled", "The request was cancelled.", { cause: reason });
};

/** Waits for `work` or for the signal, whichever is first. The work itself goes on for whoever else wants it. */
export const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw reasonOf(signal);
  }
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(reasonOf(signal));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
};

/** Resolves after `delayMs`; rejects when the signal fires first. Leaves neither timer nor listener. */
export const sleep = async (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> => {
  let run = (): void => undefined;
  const elapsed = new Promise<void>((resolve) => (run = resolve));
  const timer = clock.after(delayMs, () => run());
  try {
    await untilAborted(elapsed, signal);
  } finally {
    timer.dispose();
  }
};

/** The outcome of `work`, or `instead()` when it has not come after `delayMs`. The work itself goes on. */
export const orAfter = async <T>(
  work: Promise<T>,
  clock: Clock,
  delayMs: number,
  instead: () => T,
): Promise<T> => {
  let elapse = (): void => undefined;
  const late = new Promise<T>((resolve) => (elapse = () => resolve(instead())));
  const timer = clock.after(delayMs, () => elapse());
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.dispose();
  }
};
