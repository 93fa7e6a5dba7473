import * as vscode from "vscode";
import type { Issue } from "../core/config/issue.ts";
import type { Observed, Status, StatusKind } from "../core/connectors/status.ts";
import { plainText } from "../core/text.ts";

/** How one kind of status looks. State is in words and icon, never in colour alone. */
export interface Look {
  readonly label: string;
  readonly icon: string;
  readonly colour?: string;
  /** The person, and nobody else, can change it. Counted by the badge. */
  readonly needsPerson: boolean;
}

export const lookOf = (status: Status): Look => looks()[status.kind];

const t = vscode.l10n.t;
const good = "testing.iconPassed";
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

const looks = (): Readonly<Record<StatusKind, Look>> => ({
  untrusted: calm(t("Folder not trusted"), "shield"),
  unapproved: calling(t("Needs your approval"), "question", attention),
  unchecked: calm(t("Not checked yet"), "circle-outline"),
  checking: calm(t("Checking…"), "sync~spin"),
  granted: calm(t("Ready"), "pass", good),
  needsConnection: calling(t("Needs connection"), "plug", attention),
  stepUp: calling(t("Step-up needed"), "lock", attention),
  pending: calm(t("Waiting for approval"), "watch"),
  denied: calm(t("Denied"), "circle-slash", bad),
  signedOut: calling(t("Signed out"), "sign-in", attention),
  misconfigured: calling(t("Misconfigured"), "error", bad),
  unavailable: calm(t("Unavailable"), "cloud-offline", attention),
});

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
    case "signedOut":
      return undefined;
    case "unapproved":
      return status.changed ? t("the entry has changed") : undefined;
    case "needsConnection":
    case "denied":
      return plain(status.reason);
    case "stepUp":
      return plain(status.how.kind === "push" ? status.how.bindingMessage : status.reason);
    case "pending":
      return plain(status.message);
    case "misconfigured":
      return firstIssue(status.issues);
    case "unavailable":
      return unavailableDetail(status, nowMs);
  }
};

export const issueText = (issue: Issue): string => t(issue.template, ...issue.args);

const plain = (text: string | undefined): string | undefined =>
  text === undefined || text === "" ? undefined : plainText(text, 160);

const firstIssue = ([first]: readonly Issue[]): string | undefined =>
  first === undefined ? undefined : issueText(first);

/** Keeps the last answer that came, and says how old it is. */
const unavailableDetail = (
  { reason, lastKnown }: Extract<Observed, { readonly kind: "unavailable" }>,
  nowMs: number,
): string => {
  const why = plainText(reason, 160);
  if (lastKnown === undefined) return why;
  return t(
    "{0} Last known: {1} at {2}",
    why,
    lookOf(lastKnown).label,
    clockTime(lastKnown.evidence.atMs, nowMs),
  );
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
