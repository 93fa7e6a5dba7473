/** From the approval on the phone to headers on the helper's stdout: `node bench/approval.ts`. */
import type { Fetch } from "../src/core/ports.ts";
import { openAcmeWindow, type AcmeWindow } from "../test/support/acmeWindow.ts";

export interface Figure {
  readonly name: string;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly runs: number;
  /** What it may cost at most; the polling interval of the demo's vault is 1 s. */
  readonly limitMs: number;
}

const runs = 9;
const demoIntervalMs = 1_000;

/** A vault that has never heard of `Prefer: wait` (RFC 7240). */
const withoutLongPoll: Fetch = (url, init) => {
  const headers = new Headers(init?.headers);
  headers.delete("prefer");
  return fetch(url, { ...init, headers });
};

/** Measures both kinds of vault, one approval after the other. */
export const measureApprovals = async (): Promise<readonly Figure[]> => [
  await measure("approval to headers, long poll", 100, (url, init) => fetch(url, init)),
  await measure("approval to headers, polling every second", demoIntervalMs + 100, withoutLongPoll),
];

const measure = async (name: string, limitMs: number, through: Fetch): Promise<Figure> => {
  await using acme = await openAcmeWindow({ fetch: through });
  await approveOnce(acme, 0);
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) times.push(await approveOnce(acme, index / runs));
  times.sort((a, b) => a - b);
  const at = (index: number): number => Math.round((times[index] ?? 0) * 10) / 10;
  return { name, medianMs: at(Math.floor(runs / 2)), minMs: at(0), maxMs: at(runs - 1), runs, limitMs };
};

/** @param phase where between two polls the person approves, from 0 to 1. */
const approveOnce = async (acme: AcmeWindow, phase: number): Promise<number> => {
  await acme.setPolicy("salesforce", { state: "step-up", method: "push" });
  const helper = acme.helper("salesforce").then((ran) => ({ ran, endedMs: performance.now() }));
  const push = await acme.pushOf("salesforce");
  // The wait is under way once its first poll is: an interval after the first answer.
  await new Promise((resolve) => setTimeout(resolve, demoIntervalMs * (1.2 + phase)));
  const approvedMs = performance.now();
  await acme.decide(push, "approve");
  const { ran, endedMs } = await helper;
  if (!ran.stdout.includes("Authorization")) throw new Error(`The helper printed ${ran.stdout}`);
  return endedMs - approvedMs;
};

if (import.meta.main) console.table(await measureApprovals());
