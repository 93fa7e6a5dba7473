import type { Clock } from "../core/ports.ts";

/** The longest delay that Node's timers keep; a longer one would run at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    let timer: NodeJS.Timeout;
    const start = (leftMs: number): void => {
      const stepMs = Math.min(Math.max(leftMs, 0), longestDelayMs);
      timer = setTimeout(() => (leftMs > stepMs ? start(leftMs - stepMs) : run()), stepMs);
    };
    start(delayMs);
    return { dispose: () => clearTimeout(timer) };
  },
};
