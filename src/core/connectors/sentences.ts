import type { Issue } from "../config/issues/issue.ts";
import type { DeniedBy, SignedOutCause, StepUpMethod } from "../credentials/grant.ts";
import { oursOrTheirs, plainText, type Translate } from "../text.ts";
import { isSecureUrl } from "../urls.ts";
import type { GrantState, Status } from "./board/status.ts";

/** What the tree, `lanyard status` and a refusal say about one connector. */
export interface Sentence {
  /** Why, in plain words, without the URL. Ends without a full stop, so that a URL may follow. */
  readonly reason: string;
  /** What the person may open; https, or http on this machine. */
  readonly url?: string;
}

/** The kinds of status that are not an answer of a source. */
type OwnStatus = Extract<Status, { readonly kind: "untrusted" | "unapproved" | "unchecked" | "checking" }>;

/**
 * The whole of it as one line: the reason, then the URL to open. No comma or colon stands before the URL, because
 * Claude Code's redactor takes such text for a secret and hides what follows.
 */
export const sentenceFor = (about: GrantState | Status, t: Translate, nowMs: number): string =>
  inOneLine(reasonFor(about, t, nowMs), t);

export const inOneLine = ({ reason, url }: Sentence, t: Translate): string =>
  url === undefined ? t("{0}.", reason) : t("{0}. Open {1}", reason, url);

/** The reason and the URL apart, for places that show the URL in another way. */
export const reasonFor = (about: GrantState | Status, t: Translate, nowMs: number): Sentence => {
  switch (about.kind) {
    case "granted":
      return { reason: granted(about.expiresAtMs, t, nowMs) };
    case "needsConnection":
      return linked(withDetail(t("Access has to be authorized once"), about.reason, t), about.url);
    case "stepUp":
      return stepUp(about.how, about.reason, t);
    case "pending":
      return { reason: withDetail(t("An approval is awaited"), about.message, t) };
    case "denied":
      return linked(withDetail(denied(about.by, t), about.reason, t), about.helpUrl);
    case "signedOut":
      return { reason: signedOut(about.cause, t) };
    case "misconfigured":
      return { reason: misconfigured(about.issues, t) };
    case "unavailable":
      return {
        reason: bare(oursOrTheirs(about.reason, t)) || t("The identity provider or vault cannot be reached"),
      };
    case "untrusted":
    case "unapproved":
    case "unchecked":
    case "checking":
      return { reason: own(about, t) };
  }
};

const own = (status: OwnStatus, t: Translate): string => {
  switch (status.kind) {
    case "untrusted":
      return t("The folder is not trusted in VS Code so nothing of it is used");
    case "unapproved":
      return status.changed
        ? t("The entry changed after it was approved. Review it in the Connectors view of VS Code")
        : t("The entry waits for your approval in the Connectors view of VS Code");
    case "unchecked":
      return t("Not checked yet");
    case "checking":
      return t("Being checked");
  }
};

const granted = (expiresAtMs: number | undefined, t: Translate, nowMs: number): string => {
  if (expiresAtMs === undefined) return t("Ready");
  const minutes = Math.max(0, Math.round((expiresAtMs - nowMs) / 60_000));
  return minutes < 1 ? t("Ready for less than a minute") : t("Ready for {0} min", minutes);
};

const stepUp = (how: StepUpMethod, reason: string | undefined, t: Translate): Sentence => {
  switch (how.kind) {
    case "reauthenticate":
      return {
        reason: withDetail(t("A stronger sign-in is required. Use Step Up in VS Code"), reason, t),
      };
    case "url":
      return linked(withDetail(t("A stronger sign-in is required"), reason, t), how.url);
    case "push":
      if (how.unsent === true)
        return {
          reason: t("An approval on your device is required. Use Step Up in VS Code to have it sent"),
        };
      return {
        reason: withDetail(t("Approve the request on your device"), how.bindingMessage || reason, t),
      };
  }
};

const denied = (by: DeniedBy, t: Translate): string => {
  switch (by) {
    case "policy":
      return t("Denied by policy");
    case "user":
      return t("Not approved by the person who was asked");
    case "upstream":
      return t("Denied by the service itself");
  }
};

const signedOut = (cause: SignedOutCause, t: Translate): string => {
  switch (cause) {
    case "never":
      return t("Nobody is signed in. Use Sign In with Lanyard in VS Code");
    case "expired":
      return t("The sign-in has expired. Use Sign In with Lanyard in VS Code");
    case "revoked":
      return t("The sign-in was revoked. Use Sign In with Lanyard in VS Code");
    case "storageLost":
      return t("This machine did not keep the sign-in. Use Sign In with Lanyard in VS Code");
  }
};

const misconfigured = (issues: readonly Issue[], t: Translate): string => {
  const [first, ...others] = issues;
  if (first === undefined) return t("The entry is misconfigured");
  const text = bare(t(first.template, ...first.args));
  return others.length === 0 ? text : t("{0} (and {1} more)", text, others.length);
};

/** Words from outside follow in brackets: they may hold any punctuation, but no URL comes after theirs. */
const withDetail = (text: string, detail: string | undefined, t: Translate): string => {
  const plain = bare(oursOrTheirs(detail ?? "", t));
  return plain === "" ? text : t("{0} ({1})", text, plain);
};

const bare = (text: string): string => plainText(text).replace(/[.。\s]+$/u, "");

const longestUrl = 2000;

/** A URL that is not whole, or that may not be opened, is worse than none. */
const linked = (reason: string, url: string | undefined): Sentence => {
  const parsed = url === undefined ? null : URL.parse(url);
  if (parsed === null || !isSecureUrl(parsed) || parsed.href.length > longestUrl) return { reason };
  return { reason, url: parsed.href };
};
