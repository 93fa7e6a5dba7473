import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * How many cases a property tries: `base`, which keeps all of them together within two minutes, or more where
 * `LANYARD_FUZZ_RUNS` says how many times as many.
 */
export const fuzzRuns = (base: number): number => {
  const factor = Number(process.env["LANYARD_FUZZ_RUNS"] ?? 1);
  if (!Number.isFinite(factor) || factor <= 0)
    throw new Error("LANYARD_FUZZ_RUNS has to be a number above 0.");
  return Math.ceil(base * factor);
};

/** Far more than what noise leaves behind, far less than what thousands of cases would. */
const mostGrowthBytes = 64 * 1024 * 1024;

export interface Level {
  /** How much the memory that is in use has grown since, in bytes, beyond what noise explains; 0 when it is back. */
  growth(): number;
}

/** V8's collector, which only contexts made after the flag know. */
const collector = (): (() => void) => {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("This Node does not let its collector be called.");
  return () => void Reflect.apply(collect, undefined, []);
};

/** The memory in use now, garbage collected first: what is measured is what is held. */
export const memoryLevel = (): Level => {
  const collect = collector();
  const used = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  return { growth: () => Math.max(0, used() - before - mostGrowthBytes) };
};
