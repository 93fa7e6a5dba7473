import * as z from "zod";
import { sleep } from "../../../src/core/abort.ts";
import type { Clock, Fetch } from "../../../src/core/ports.ts";
import { boundedFetch } from "../../../src/core/http.ts";
import type { Facade } from "./facade.ts";
import { takeSignal } from "./signals.ts";

const replySchema = z.looseObject({
  sets: z.record(z.string(), z.string()).default({}),
  moreAvailable: z.boolean().default(false),
});
/** A transmitter holds an empty answer for as long as it likes; longer than this is taken for a dead connection. */
const heldMs = 90_000;
const pauseMs = 5000;
const most = 50;

/**
 * Fetches security event tokens (RFC 8936) until the signal aborts. What was taken is acknowledged with the next
 * question, what was refused is told there; what could not be judged comes again.
 */
export const pollSignals = async (
  current: () => Facade,
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> => {
  let told: Told = { ack: [], setErrs: {} };
  while (!signal.aborted) {
    const next = await pollOnce(current(), told, boundedFetch(fetch, clock, { timeoutMs: heldMs }), signal);
    told = next ?? told;
    if (next === undefined || (next.ack.length === 0 && Object.keys(next.setErrs).length === 0))
      await sleep(clock, next === undefined ? pauseMs : restMs, signal).catch(() => undefined);
  }
};

/** After an answer with nothing in it, so that one that is never held is no storm. */
const restMs = 1000;

interface Told {
  readonly ack: readonly string[];
  readonly setErrs: Readonly<Record<string, { readonly err: string; readonly description: string }>>;
}

/** @returns what has to be told next, or undefined where the question failed */
const pollOnce = async (
  facade: Facade,
  told: Told,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Told | undefined> => {
  const { transmitter, signals, secret } = facade;
  const poll = facade.config.sharedSignals?.poll;
  if (poll === undefined || transmitter === undefined) return undefined;
  try {
    const response = await fetch(poll.endpoint, {
      method: "POST",
      headers: {
        ...{ accept: "application/json", "content-type": "application/json" },
        authorization: (await secret(poll.authorization)).reveal(),
      },
      body: JSON.stringify({ maxEvents: most, returnImmediately: false, ...told }),
      signal,
    });
    const read = response.ok ? replySchema.safeParse(await response.json()) : undefined;
    if (read?.data === undefined) return undefined;
    const ack: string[] = [];
    const setErrs: Record<string, { err: string; description: string }> = {};
    for (const [jti, token] of Object.entries(read.data.sets)) {
      const outcome = await takeSignal(token, transmitter, signals);
      if (outcome.kind === "taken") ack.push(jti);
      else if (outcome.kind === "refused") setErrs[jti] = { err: outcome.error, description: outcome.reason };
    }
    return { ack, setErrs };
  } catch {
    return undefined;
  }
};
