import { inBackground } from "../../background.ts";
import { sleep, untilAborted } from "../../abort.ts";
import { LanyardError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import { startTrace, withTrace } from "../../trace.ts";
import { hostOf } from "../../urls.ts";
import { acceptTokens, type AcceptedTokens } from "./acceptTokens.ts";
import { authorizationCodeFlow, type Flow, type Obtained } from "./authorization.ts";
import { clientFor } from "../idp/client.ts";
import { giveBack } from "./giveBack.ts";
import { mixUpOf } from "./mixUp.ts";
import { deviceFlow } from "./deviceFlow.ts";
import { failed, failureOf, foreignPage, overdue, redirectTaken, type FailedSignIn } from "../failures.ts";
import type { IdentityContext } from "../context.ts";
import { newProof } from "../proofs/proof.ts";
import type { LiveRecord } from "../sessions/records.ts";
import type {
  ReceiverStart,
  RedirectReceiver,
  RedirectTaken,
  SignInOutcome,
  SignInPorts,
  SignInRequest,
} from "../session.ts";
import { SignInProgress } from "./progress.ts";
import { TokenReplies } from "./tokenReply.ts";

type SignIn = (
  context: IdentityContext,
  request: SignInRequest,
  ports: SignInPorts,
  signal: AbortSignal,
  keep: (record: LiveRecord) => Promise<SignInOutcome>,
) => Promise<SignInOutcome>;

/**
 * Signs a person in: by the first receiver that works here, by the device flow where none does. Ends within its
 * time, keeps nothing itself, and leaves neither listener nor timer. An identity provider that refuses to let the person
 * choose an account, which its metadata need not tell before, is asked to let them sign in anew.
 * @param keep stores the session; its outcome is what the person is told.
 */
export const signIn: SignIn = async (context, request, ports, signal, keep) => {
  const outcome = await signInOnce(context, request, ports, signal, keep);
  const isChoiceRefused =
    request.prompt === "select_account" &&
    outcome.kind === "failed" &&
    outcome.point?.code === "invalid_request";
  if (!isChoiceRefused) return outcome;
  return signInOnce(context, { ...request, prompt: "login" }, ports, signal, keep);
};

const signInOnce: SignIn = async (untraced, request, ports, signal, keep) => {
  const trace = startTrace();
  const context = { ...untraced, fetch: withTrace(untraced.fetch, trace) };
  const end = startDeadline(context.clock, context.options.signInTimeoutMs, signal);
  let receiver: RedirectReceiver | undefined;
  let outcome: SignInOutcome;
  let cause: unknown;
  const progress = new SignInProgress(request.issuer);
  try {
    const metadata = await context.discovery.metadata(request.issuer, end.signal);
    const first = await firstReceiver(context, ports, end.signal);
    receiver = first?.kind === "taken" ? undefined : first;
    const result =
      first?.kind === "taken"
        ? redirectTaken(request.issuer, first)
        : await attempt(context, { request, metadata, ports, signal: end.signal, progress }, receiver);
    outcome = result.kind === "admitted" ? withRefused(await keep(result.record), result) : result;
  } catch (error) {
    cause = error;
    outcome = end.timedOut
      ? overdue(request.issuer, progress.step)
      : failureOf(end.signal.aborted ? end.signal.reason : error, request.issuer, {
          ...{ clientId: request.clientId, step: progress.step },
          ...(receiver === undefined ? {} : { redirectUri: receiver.redirectUri }),
        });
  }
  end.dispose();
  if (outcome.kind === "failed") {
    outcome = { ...outcome, point: progress.pointOf(cause), traceId: trace.traceId };
  }
  receiver?.conclude(outcome);
  await receiver?.dispose();
  context.log.info("identity.signIn.ended", {
    issuer: hostOf(request.issuer),
    outcome: outcome.kind === "failed" ? outcome.failure : outcome.kind,
    ...(outcome.kind === "failed" ? outcome.point : {}),
    traceId: trace.traceId,
  });
  return outcome;
};

const withRefused = (outcome: SignInOutcome, { notGranted }: AcceptedTokens): SignInOutcome =>
  outcome.kind === "signedIn" && notGranted.length > 0 ? { ...outcome, notGranted } : outcome;

const attempt = async (
  context: IdentityContext,
  start: Omit<Flow, "configuration" | "proof" | "reach"> & { readonly progress: SignInProgress },
  receiver: RedirectReceiver | undefined,
): Promise<AcceptedTokens | FailedSignIn> => {
  const { request, metadata, signal, progress } = start;
  const { clockToleranceSeconds, senderConstrained } = context.options;
  const mixUp = await refusedMixUp(context, start);
  if (mixUp !== undefined) return mixUp;
  const replies = new TokenReplies(request.clientId, "pass");
  const { secret: clientSecret } = request;
  const configuration = clientFor(metadata, {
    clientId: request.clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    fetch: progress.through(context.fetch),
    replies,
    signal,
    clockToleranceSeconds,
    ...(receiver === undefined ? {} : { redirectUri: receiver.redirectUri }),
  });
  const proof = senderConstrained() ? await newProof(configuration) : undefined;
  const reach: Flow["reach"] = (step, host) => progress.reach(step, host);
  const flow = { ...start, configuration, reach, ...(proof === undefined ? {} : { proof: proof.handle }) };
  const startedAtMs = context.clock.now();
  let accepted: AcceptedTokens | FailedSignIn | undefined;
  try {
    const obtained = await obtain(context, flow, receiver).finally(() => {
      // Tokens came: what may still be wrong is what they say.
      if (replies.text("access_token") !== undefined) progress.reach("idToken");
    });
    if (obtained.kind === "failed") return obtained;
    const arrived = { reply: obtained.reply, replies, startedAtMs, proofKey: proof?.key };
    accepted = await acceptTokens(context, flow, arrived);
    return accepted;
  } finally {
    if (accepted?.kind !== "admitted") await giveBack(context, request, replies);
  }
};

/** The person is asked where they alone can tell; everything else that could be a mix-up is refused. */
const refusedMixUp = async (
  context: IdentityContext,
  { request, metadata, ports, signal }: Pick<Flow, "request" | "metadata" | "ports" | "signal">,
): Promise<FailedSignIn | undefined> => {
  const mixUp = await mixUpOf(context, metadata, signal);
  switch (mixUp.kind) {
    case "none":
      return undefined;
    case "foreign":
      return foreignPage(request.issuer, mixUp.host);
    case "indistinct": {
      if (ports.confirmIndistinct === undefined) return failed("mixUp", request.issuer);
      const goesOn = ports.confirmIndistinct(request.issuer, mixUp.issuers);
      return (await untilAborted(goesOn, signal)) ? undefined : failed("cancelled", request.issuer);
    }
  }
};

const obtain = async (
  context: IdentityContext,
  flow: Flow,
  receiver: RedirectReceiver | undefined,
): Promise<Obtained> => {
  if (receiver !== undefined) {
    const obtained = await authorizationCodeFlow(flow, receiver);
    if (obtained.kind !== "codeWanted") return obtained;
  }
  if (flow.metadata.device_authorization_endpoint !== undefined) return deviceFlow(flow, context.clock);
  return failed("notPossibleHere", flow.request.issuer);
};

/** The first receiver that starts. One that fails to is skipped; one whose port is taken is the end of the search. */
const firstReceiver = async (
  context: IdentityContext,
  ports: SignInPorts,
  signal: AbortSignal,
): Promise<RedirectReceiver | RedirectTaken | undefined> => {
  for (const start of ports.receivers) {
    const first = await startReceiver(context, start, signal);
    if (first === undefined) continue;
    return first.kind === "taken" && first.isSignIn ? queue(context, { first, start, ports, signal }) : first;
  }
  return undefined;
};

/** One that starts too late is let go. */
const startReceiver = async (
  context: IdentityContext,
  start: ReceiverStart,
  signal: AbortSignal,
): ReturnType<ReceiverStart> => {
  const starting = start().catch(() => {
    context.log.warn("identity.receiver.failed");
    return undefined;
  });
  try {
    return await untilAborted(starting, signal);
  } catch (error) {
    inBackground("signIn.lateReceiver", async () => {
      const late = await starting;
      if (late !== undefined && late.kind !== "taken") await late.dispose();
    });
    throw error;
  }
};

const queueStepMs = 500;

interface Queued {
  readonly first: RedirectTaken;
  readonly start: ReceiverStart;
  readonly ports: SignInPorts;
  readonly signal: AbortSignal;
}

/** Another window's sign-in has the port of the registered redirect: this one begins when that has ended. */
const queue = async (
  context: IdentityContext,
  { first, start, ports, signal }: Queued,
): ReturnType<ReceiverStart> => {
  const shown = ports.showQueued?.(first);
  try {
    for (;;) {
      await sleep(context.clock, queueStepMs, signal);
      const next = await startReceiver(context, start, signal);
      if (next?.kind !== "taken" || !next.isSignIn) return next;
    }
  } finally {
    shown?.dispose();
  }
};

interface Deadline {
  readonly signal: AbortSignal;
  readonly timedOut: boolean;
  dispose(): void;
}

/** One signal for both ends: the person's wish and the lack of time. */
const startDeadline = (clock: Clock, timeoutMs: number, signal: AbortSignal): Deadline => {
  const end = new AbortController();
  let timedOut = false;
  const onAbort = (): void =>
    end.abort(new LanyardError("cancelled", "The sign-in was cancelled.", { cause: signal.reason }));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = clock.after(timeoutMs, () => {
    timedOut = !end.signal.aborted;
    end.abort(new LanyardError("timedOut", "The sign-in was not completed in time."));
  });
  return {
    signal: end.signal,
    get timedOut() {
      return timedOut;
    },
    dispose() {
      timer.dispose();
      signal.removeEventListener("abort", onAbort);
    },
  };
};
