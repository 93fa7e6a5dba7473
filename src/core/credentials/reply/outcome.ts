import type { Connector } from "../../config/connector.ts";
import type { Secret } from "../../secret.ts";
import { plainText } from "../../text.ts";
import type { RuleOutcome } from "../declaration.ts";
import { type Refusal, type StepUpMethod, misconfigured } from "../grant.ts";
import { resolvePointer } from "../request/pointer.ts";
import { safeUrlAt, secondsAt, textAt, type VaultReply } from "./reply.ts";

/** What an outcome's pointers and words are read from. */
export interface OutcomeContext {
  readonly nowMs: number;
  /** Who answered, for people: a host, or "The script". */
  readonly answeredBy: string;
  readonly connector: Connector | undefined;
  readonly reply: VaultReply;
  /** The body, or the challenge. */
  readonly document: unknown;
  readonly says: readonly string[];
  /** Takes secrets out of the vault's own words. */
  readonly redact: (text: string) => string;
}

/** Takes secrets out of a text: a vault that repeats the token in its reason does not get it into ours. */
export const redactor = (secrets: readonly Secret[]): ((text: string) => string) => {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value !== "");
  return (text) => values.reduce((clean, value) => clean.replaceAll(value, "[secret]"), text);
};

export type RefusalOutcome = Exclude<RuleOutcome, { grant: "granted" }>;

const defaultIntervalMs = 5_000;
const slowDownMs = 5_000;
const longestIntervalMs = 60 * 60 * 1000;
const defaultOfferMs = 5 * 60 * 1000;
const longestOfferMs = 24 * 60 * 60 * 1000;
const defaultRetryMs = 2_000;

/** Turns what a rule says into a grant; `connectUrl` is what the declaration's connect request answered. */
export const refusalOf = (outcome: RefusalOutcome, context: OutcomeContext, connectUrl?: string): Refusal => {
  switch (outcome.grant) {
    case "needsConnection":
      return needsConnection(outcome, context, connectUrl);
    case "stepUp":
      return stepUp(outcome, context);
    case "pending": {
      const message = saidOr(undefined, context);
      return {
        kind: "pending",
        ...underWay(outcome, context),
        ...(message === undefined ? {} : { message }),
      };
    }
    case "denied":
      return denied(outcome, context);
    case "signedOut":
      return { kind: "signedOut", cause: "revoked", ...withReason({}, context) };
    case "misconfigured": {
      const { connector, answeredBy, reply, nowMs } = context;
      // The sentence around them has a full stop of its own.
      const words = (said(context) ?? "").replace(/\.$/, "");
      const found = misconfigured(connector, outcome.problem, answeredBy, reply.status, words);
      return outcome.passes === true ? { ...found, retryAtMs: nowMs + defaultRetryMs } : found;
    }
    case "unavailable":
      return unavailable(outcome, context);
  }
};

/** What the reply itself tells people, as one plain line without secrets. */
export const said = ({ says, document, reply, redact }: OutcomeContext): string | undefined => {
  for (const pointer of says) {
    const found =
      resolvePointer(document, pointer) ??
      resolvePointer(reply.body, pointer) ??
      resolvePointer(reply.challenge, pointer);
    const words: unknown = Array.isArray(found) ? found[0] : found;
    const text = textAt(words);
    const line = text === undefined ? "" : plainText(redact(text)).replace(countOfErrors, "");
    if (line !== "") return line;
  }
  return undefined;
};

/** What Go's servers (Vault, OpenBao) put before the words that matter. */
const countOfErrors = /^\d+ errors? occurred: \* /;

const saidOr = (fallback: string | undefined, context: OutcomeContext): string | undefined =>
  said(context) ?? fallback;

const withReason = (
  outcome: { readonly reason?: string | undefined },
  context: OutcomeContext,
): { readonly reason?: string } => {
  const reason = saidOr(outcome.reason, context);
  return reason === undefined ? {} : { reason };
};

interface Polling {
  readonly interval: string | number;
  readonly expiresIn: string;
  readonly slowDown?: boolean;
}

const intervalOf = (
  { interval, slowDown }: Polling,
  { document, reply }: OutcomeContext,
): { readonly intervalMs: number } => {
  const seconds = typeof interval === "number" ? interval : secondsAt(resolvePointer(document, interval));
  const wantedMs = (seconds === undefined ? defaultIntervalMs : seconds * 1000) + (slowDown ? slowDownMs : 0);
  return { intervalMs: Math.min(Math.max(wantedMs, reply.retryAfterMs ?? 0), longestIntervalMs) };
};

const offerEndMs = ({ expiresIn }: Polling, { document, nowMs }: OutcomeContext): number | undefined => {
  const seconds = secondsAt(resolvePointer(document, expiresIn));
  return seconds === undefined ? undefined : nowMs + Math.min(seconds * 1000, longestOfferMs);
};

/** An open-ended offer: the page stays where it is. */
const page = (
  polling: Polling,
  context: OutcomeContext,
): { readonly intervalMs: number; readonly expiresAtMs?: number } => {
  const expiresAtMs = offerEndMs(polling, context);
  return { ...intervalOf(polling, context), ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
};

/** Something under way, which ends. */
const underWay = (
  polling: Polling,
  context: OutcomeContext,
): { readonly intervalMs: number; readonly expiresAtMs: number } => ({
  ...intervalOf(polling, context),
  expiresAtMs: offerEndMs(polling, context) ?? context.nowMs + defaultOfferMs,
});

const urlFor = (url: string, document: unknown): string | undefined =>
  safeUrlAt(url.startsWith("/") ? resolvePointer(document, url) : url);

const noUrl = (context: OutcomeContext): Refusal =>
  misconfigured(
    context.connector,
    "{0} wants a person to open a page, but sent no https URL for it. Tell its administrators.",
    context.answeredBy,
  );

const needsConnection = (
  outcome: Extract<RefusalOutcome, { grant: "needsConnection" }>,
  context: OutcomeContext,
  connectUrl: string | undefined,
): Refusal => {
  const url = outcome.url === undefined ? connectUrl : urlFor(outcome.url, context.document);
  if (url === undefined) return noUrl(context);
  return { kind: "needsConnection", url, ...page(outcome, context), ...withReason(outcome, context) };
};

const stepUp = (outcome: Extract<RefusalOutcome, { grant: "stepUp" }>, context: OutcomeContext): Refusal => {
  const how = stepUpMethod(outcome, context);
  return how === undefined ? noUrl(context) : { kind: "stepUp", how, ...withReason(outcome, context) };
};

const stepUpMethod = (
  outcome: Extract<RefusalOutcome, { grant: "stepUp" }>,
  context: OutcomeContext,
): StepUpMethod | undefined => {
  const { document } = context;
  switch (outcome.how) {
    case "reauthenticate": {
      const named = listOf(resolvePointer(document, outcome.acrValues));
      const acrValues = named.length > 0 ? named : acrOfClaims(resolvePointer(document, outcome.claims));
      const maxAge = secondsAt(resolvePointer(document, outcome.maxAge));
      return {
        kind: "reauthenticate",
        acrValues,
        ...(maxAge === undefined ? {} : { maxAgeSeconds: Math.floor(maxAge) }),
      };
    }
    case "url": {
      const url = urlFor(outcome.url, document);
      return url === undefined ? undefined : { kind: "url", url, ...page(outcome, context) };
    }
    case "push": {
      const message = textAt(resolvePointer(document, outcome.bindingMessage)) ?? "";
      return {
        kind: "push",
        ...underWay(outcome, context),
        bindingMessage: plainText(context.redact(message), 120),
        ...(resolvePointer(document, "/unsent") === true ? { unsent: true } : {}),
      };
    }
  }
};

const acrValue = /^[\x21-\x7e]{1,256}$/;

/** `acr_values` as OAuth writes it (one string, blanks between) or as a JSON array. At most ten. */
const listOf = (value: unknown): readonly string[] => {
  const items: readonly unknown[] = Array.isArray(value) ? value : (textAt(value)?.split(" ") ?? []);
  return items.filter((item): item is string => typeof item === "string" && acrValue.test(item)).slice(0, 10);
};

const acrPlaces = [
  "/id_token/acr/values",
  "/id_token/acr/value",
  "/access_token/acrs/values",
  "/access_token/acrs/value",
  "/id_token/acrs/value",
];

/** The acr values that a claims request asks for, given as JSON text or as an object. */
const acrOfClaims = (claims: unknown): readonly string[] => {
  const document = typeof claims === "string" ? jsonOrUndefined(claims) : claims;
  const found = acrPlaces.map((place) => listOf(resolvePointer(document, place)));
  return found.find((values) => values.length > 0) ?? [];
};

const jsonOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const denied = (outcome: Extract<RefusalOutcome, { grant: "denied" }>, context: OutcomeContext): Refusal => {
  const helpUrl = safeUrlAt(resolvePointer(context.document, outcome.helpUrl));
  const reason = saidOr(outcome.reason, context) ?? `${context.answeredBy} refused without a reason.`;
  return { kind: "denied", by: outcome.by, reason, ...(helpUrl === undefined ? {} : { helpUrl }) };
};

const unavailable = (
  outcome: Extract<RefusalOutcome, { grant: "unavailable" }>,
  { answeredBy, reply, document, nowMs, ...context }: OutcomeContext,
): Refusal => {
  const named = secondsAt(resolvePointer(document, outcome.retryAfter));
  const retryMs = reply.retryAfterMs ?? (named === undefined ? defaultRetryMs : named * 1000);
  const words = saidOr(outcome.reason, { answeredBy, reply, document, nowMs, ...context });
  const status = `${answeredBy} answered ${reply.status}`;
  return {
    kind: "unavailable",
    reason: words === undefined ? `${status}.` : `${status}: ${words}`,
    retryAtMs: nowMs + Math.min(retryMs, longestOfferMs),
  };
};
