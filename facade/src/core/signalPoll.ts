import * as z from "zod";
import { sleep } from "../../../src/core/abort.ts";
import { forLog } from "../../../src/core/errors.ts";
import type { Clock, Fetch } from "../../../src/core/ports.ts";
import { boundedFetch } from "../../../src/core/http.ts";
import type { Facade } from "./facade.ts";
import { takeSignal } from "./signals.ts";

const replySchema = z.looseObject({ sets: z.record(z.string(), z.string()).default({}) });
/** A transmitter holds an empty answer for as long as it likes; longer than this is taken for a dead connection. */
const heldMs = 90_000;
const pauseMs = 5000;
/** After an answer with nothing in it, so that one that is never held is no storm. */
const restMs = 1000;
const most = 50;

/**
 * Fetches security event tokens (RFC 8936) until the signal aborts. What was taken is acknowledged with the next
 * question, what was refused is told there; what could not be judged comes again. That it fails, and that it works
 * again, is recorded once each.
 */
export const pollSignals = async (
  current: () => Facade,
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> => {
  const bounded = boundedFetch(fetch, clock, { timeoutMs: heldMs });
  let told: Told = { ack: [], setErrs: {} };
  let failure: string | undefined;
  for (;;) {
    const facade = current();
    const polled = await pollOnce(facade, told, bounded, signal);
    if (signal.aborted) return;
    failure = recorded(polled, failure, facade);
    if (polled.kind === "told") ({ told } = polled);
    const hasMore = polled.kind === "told" && told.ack.length + Object.keys(told.setErrs).length > 0;
    if (!hasMore)
      await sleep(clock, polled.kind === "told" ? restMs : pauseMs, signal).catch(() => undefined);
  }
};

interface Told {
  readonly ack: readonly string[];
  readonly setErrs: Readonly<Record<string, { readonly err: string; readonly description: string }>>;
}

type Polled =
  | { readonly kind: "told"; readonly told: Told }
  | { readonly kind: "failed"; readonly reason: string }
  /** Nothing is to be polled. */
  | { readonly kind: "idle" };

/** @returns the failure that is known from now on */
const recorded = (polled: Polled, before: string | undefined, facade: Facade): string | undefined => {
  const failure = polled.kind === "failed" ? polled.reason : undefined;
  if (polled.kind !== "idle") facade.state.metrics.signalsFail(failure !== undefined);
  if (failure === before) return failure;
  const outcome = failure === undefined ? "works" : "fails";
  facade.signals.audit({
    ...{ event: "signals-poll", outcome },
    ...(failure === undefined ? {} : { reason: failure }),
  });
  return failure;
};

const pollOnce = async (facade: Facade, told: Told, fetch: Fetch, signal: AbortSignal): Promise<Polled> => {
  const { transmitter, signals } = facade;
  if (transmitter === undefined || facade.config.sharedSignals?.poll === undefined) return { kind: "idle" };
  try {
    const response = await askSignals(
      facade,
      { maxEvents: most, returnImmediately: false, ...told },
      fetch,
      signal,
    );
    if (!response.ok) return { kind: "failed", reason: `The transmitter answers ${response.status}.` };
    const read = replySchema.safeParse(await response.json());
    if (!read.success) return { kind: "failed", reason: "The transmitter's answer cannot be read." };
    const ack: string[] = [];
    const setErrs: Record<string, { err: string; description: string }> = {};
    for (const [jti, token] of Object.entries(read.data.sets)) {
      const outcome = await takeSignal(token, transmitter, signals);
      if (outcome.kind === "taken") ack.push(jti);
      else if (outcome.kind === "refused") setErrs[jti] = { err: outcome.error, description: outcome.reason };
    }
    return { kind: "told", told: { ack, setErrs } };
  } catch (error) {
    return { kind: "failed", reason: forLog(error) };
  }
};

/** One question to the transmitter (RFC 8936, section 2.2), which has to be configured. */
export const askSignals = async (
  { config, secret }: Pick<Facade, "config" | "secret">,
  question: object,
  fetch: Fetch,
  signal?: AbortSignal,
): Promise<Response> => {
  const poll = config.sharedSignals?.poll;
  if (poll === undefined) throw new Error("Nothing is to be polled.");
  return fetch(poll.endpoint, {
    method: "POST",
    headers: {
      ...{ accept: "application/json", "content-type": "application/json" },
      authorization: (await secret(poll.authorization)).reveal(),
    },
    body: JSON.stringify(question),
    ...(signal === undefined ? {} : { signal }),
  });
};
