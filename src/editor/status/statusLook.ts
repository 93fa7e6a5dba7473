import * as vscode from "vscode";
import type { Issue } from "../../core/config/issues/issue.ts";
import type { SignedOutCause, StepUpMethod } from "../../core/credentials/grant.ts";
import type { UserActionKind } from "../../core/connectors/wait/userActions.ts";
import {
  lastAnswer,
  type Observed,
  type Status,
  type StatusKind,
} from "../../core/connectors/board/status.ts";
import { oursOrTheirs, plainText } from "../../core/text.ts";

/** How one kind of status looks. State is in words and icon, never in colour alone. */
export interface Look {
  readonly label: string;
  readonly icon: string;
  readonly colour?: string;
  /** The person, and nobody else, can change it. Counted by the badge. */
  readonly needsPerson: boolean;
}

export const lookOf = (status: Status): Look => lookOfKind(status.kind);

export const lookOfKind = (kind: StatusKind): Look => looks[kind]();

const t = vscode.l10n.t;
const good = "charts.green";
const attention = "list.warningForeground";
const bad = "list.errorForeground";

const calm = (label: string, icon: string, colour?: string): Look => ({
  label,
  icon,
  needsPerson: false,
  ...(colour === undefined ? {} : { colour }),
});

const calling = (label: string, icon: string, colour: string): Look => ({
  label,
  icon,
  colour,
  needsPerson: true,
});

/** Looked up by the thousand where there are many connectors: only the one that is asked for is made. */
const looks: Readonly<Record<StatusKind, () => Look>> = {
  untrusted: () => calm(t("Folder not trusted"), "shield"),
  unapproved: () => calling(t("Needs your approval"), "question", attention),
  unchecked: () => calm(t("Not checked yet"), "circle-outline"),
  checking: () => calm(t("Checking…"), "sync~spin"),
  granted: () => calm(t("Ready"), "pass", good),
  needsConnection: () => calling(t("Needs connection"), "plug", attention),
  stepUp: () => calling(t("Step-up needed"), "lock", attention),
  pending: () => calm(t("Waiting for approval"), "watch"),
  denied: () => calm(t("Denied"), "circle-slash", bad),
  signedOut: () => calling(t("Signed out"), "sign-in", attention),
  misconfigured: () => calling(t("Misconfigured"), "error", bad),
  unavailable: () => calm(t("Unavailable"), "debug-disconnect", attention),
};

export const iconOf = ({ icon, colour }: Look): vscode.ThemeIcon =>
  colour === undefined
    ? new vscode.ThemeIcon(icon)
    : new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));

/** What is particular to this status, in the words of whoever answered; absent where the label says it all. */
export const detailOf = (status: Status, nowMs: number): string | undefined => {
  switch (status.kind) {
    case "untrusted":
    case "unchecked":
    case "checking":
    case "granted":
      return undefined;
    case "signedOut":
      return causeDetail(status.cause);
    case "unapproved":
      return status.changed ? t("the entry has changed") : undefined;
    case "needsConnection":
    case "denied":
      return plain(status.reason);
    case "stepUp":
      return status.how.kind === "push" ? pushDetail(status.how, nowMs) : plain(status.reason);
    case "pending":
      return plain(status.message);
    case "misconfigured":
      return firstIssue(status.issues);
    case "unavailable":
      return unavailableDetail(status, nowMs);
  }
};

const pushDetail = (
  { bindingMessage, expiresAtMs, unsent }: Extract<StepUpMethod, { readonly kind: "push" }>,
  nowMs: number,
): string | undefined => {
  if (unsent === true) return t("nothing was sent to your phone yet");
  return expiresAtMs <= nowMs ? t("the request is over") : plain(bindingMessage);
};

const causeDetail = (cause: SignedOutCause): string | undefined =>
  cause === "storageLost" ? t("this machine did not keep the sign-in") : undefined;

export const issueText = (issue: Issue): string =>
  t(issue.template, ...issue.args.map((arg) => (typeof arg === "string" ? plainText(arg) : arg)));

const plain = (text: string | undefined): string | undefined =>
  text === undefined || text === "" ? undefined : plainText(oursOrTheirs(text, t), 160);

const firstIssue = ([first]: readonly Issue[]): string | undefined =>
  first === undefined ? undefined : issueText(first);

/** Says when the next try is due; keeps the last answer that came, and says how old it is. */
const unavailableDetail = (
  { reason, lastKnown, retryAtMs }: Extract<Observed, { readonly kind: "unavailable" }>,
  nowMs: number,
): string => {
  const again = t("trying again at {0}", clockTime(retryAtMs, nowMs));
  const why = `${again} · ${plainText(oursOrTheirs(reason, t), 160)}`;
  if (lastKnown === undefined) return why;
  return t(
    "{0} Last known: {1} at {2}",
    why,
    lookOf(lastKnown).label,
    clockTime(lastKnown.evidence.atMs, nowMs),
  );
};

/** What a row shows while something is under way for its connector. */
export interface WaitingLook {
  readonly text: string;
  readonly icon: string;
  /** When the offer ends: shown as a countdown. */
  readonly untilMs?: number;
}

export const waitingLook = (status: Status, act: UserActionKind): WaitingLook => {
  const answer = lastAnswer(status);
  if (act !== "elsewhere" || answer === undefined) {
    return { text: t("Waiting for you in the browser…"), icon: "loading~spin" };
  }
  if (answer.kind === "stepUp" && answer.how.kind === "push") {
    const { bindingMessage, expiresAtMs } = answer.how;
    const message = plain(bindingMessage);
    return {
      text: message === undefined ? t("Approve on your phone") : t("Approve on your phone: {0}", message),
      icon: "device-mobile",
      untilMs: expiresAtMs,
    };
  }
  const message = answer.kind === "pending" ? plain(answer.message) : undefined;
  return {
    text: message === undefined ? t("Waiting for approval") : t("Waiting for approval: {0}", message),
    icon: "watch",
    ...(answer.kind === "pending" ? { untilMs: answer.expiresAtMs } : {}),
  };
};

/** How many connectors wait for the person; at least one. */
export const needText = (count: number): string =>
  count === 1 ? t("1 connector needs you") : t("{0} connectors need you", count);

/** "1:43 left"; never below zero. */
export const timeLeft = (untilMs: number, nowMs: number): string => {
  const seconds = Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
  return t("{0} left", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
};

/** "14:05", or with the day when it was not today. */
export const clockTime = (atMs: number, nowMs: number): string => {
  const at = new Date(atMs);
  const sameDay = at.toDateString() === new Date(nowMs).toDateString();
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(
    vscode.env.language,
    sameDay ? time : { ...time, month: "short", day: "numeric" },
  ).format(at);
};
