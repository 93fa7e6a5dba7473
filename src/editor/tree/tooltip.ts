import * as vscode from "vscode";
import type { Connector } from "../../core/config/connector.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import {
  exposureOf,
  lastCredentialSentence,
  worstCaseSentence,
  worstOf,
  type Lasting,
} from "../../core/connectors/wording/exposure.ts";
import { reconnectSentence } from "../../core/connectors/reconnect.ts";
import { sentenceFor } from "../../core/connectors/sentences.ts";
import { hasEvidence, type Status } from "../../core/connectors/board/status.ts";
import { toolRulesOf, toolRulesText } from "../../core/mcp/toolRules.ts";
import { outcomeSentence, stepsText } from "../../core/mcp/report.ts";
import { plainText } from "../../core/text.ts";
import { shownUrl } from "../../core/urls.ts";
import { clockTime, issueText, lookOf } from "../status/statusLook.ts";
import { mcpNoticeTooltip } from "../vscodeMcp/notice.ts";
import { groupTooltip } from "./groupRow.ts";
import type { Node } from "./nodes.ts";

const t = vscode.l10n.t;

/** What shows when somebody points at a row, in plain text: nothing in it is a link or a command. */
export const tooltipOf = (node: Node, nowMs: number): string => {
  switch (node.kind) {
    case "account":
      return [
        node.session.accountLabel,
        t("Signed in at {0} as client {1}", shownUrl(node.session.issuer), plainText(node.session.clientId)),
        t("Since {0}", clockTime(node.session.signedInAtMs, nowMs)),
        worstCaseSentence(
          worstOf(node.issued.map((issued) => exposureOf(issued, nowMs))),
          t,
          nowMs,
          untilClock(nowMs),
        ),
      ].join("\n");
    case "signIn":
      return node.text;
    case "need":
      return t("Connectors here need a sign-in at {0}.", shownUrl(node.need.issuer));
    case "connector":
      return connectorTooltip(node.entry, nowMs);
    case "broken":
      return node.entry.issues.map(issueText).join("\n");
    case "mcp":
      return mcpNoticeTooltip(node.notice);
    case "file":
      return issueText(node.issue);
    case "group":
      return groupTooltip(node.group, node.size);
  }
};

/** Everything known of one connector, in plain text: nothing in it is a link or a command. */
export const connectorTooltip = (entry: BoardEntry, nowMs: number): string => {
  const { connector, status, lastAskedAtMs, lastIssued, lastTest, refusedAtMs = 0 } = entry;
  const reconnect = reconnectSentence(entry, t, clockTime(refusedAtMs, nowMs));
  const lastCredential = lastCredentialSentence(lastIssued, t, nowMs, untilClock(nowMs));
  return [
    `${plainText(connector.name)}: ${lookOf(status).label}`,
    standingSentence(status, nowMs),
    ...(reconnect === undefined ? [] : [reconnect]),
    "",
    t("Connector: {0}", shownUrl(connector.url)),
    t("Identity provider: {0}", shownUrl(connector.userAuth.issuer)),
    t("Credential source: {0}", connector.credential.source),
    wayOf(connector),
    ...toolLines(connector),
    ...(hasEvidence(status)
      ? [
          t(
            "Answered by: {0} at {1}",
            plainText(status.evidence.answeredBy),
            clockTime(status.evidence.atMs, nowMs),
          ),
          t("Trace ID: {0}", status.evidence.traceId),
        ]
      : []),
    lastAskedSentence(connector, lastAskedAtMs, nowMs),
    ...(lastCredential === undefined ? [] : [lastCredential]),
    ...(lastTest === undefined ? [] : testLines(lastTest, nowMs)),
  ].join("\n");
};

/** Who uses it, and by what. */
const wayOf = ({ helper }: Connector): string => {
  switch (helper.kind) {
    case "bridge":
      return t("For every client, by lanyard bridge");
    case "lanyard":
    case "script":
      return t("For Claude Code, by its headersHelper");
    case "foreign":
    case "absent":
      return t("No client asks Lanyard: see the problem in .mcp.json");
  }
};

const toolLines = (connector: Connector): readonly string[] =>
  toolRulesOf(connector).map((rules) =>
    t("Tools, by {0}: {1}", rules.by, plainText(toolRulesText(rules), 200)),
  );

const lastAskedSentence = ({ helper }: Connector, atMs: number | undefined, nowMs: number): string => {
  if (helper.kind === "bridge")
    return atMs === undefined
      ? t("No client has asked yet.")
      : t("A client last asked at {0}.", clockTime(atMs, nowMs));
  return atMs === undefined
    ? t("Claude Code has not asked yet.")
    : t("Claude Code last asked at {0}.", clockTime(atMs, nowMs));
};

const standingSentence = (status: Status, nowMs: number): string =>
  status.kind === "granted" && status.expiresAtMs !== undefined
    ? t("Ready until {0}.", clockTime(status.expiresAtMs, nowMs))
    : sentenceFor(status, t, nowMs);

/** A tooltip is kept until its row changes: it names the time, for what is left would be wrong by then. */
const untilClock =
  (nowMs: number): Lasting =>
  (endsAtMs) =>
    t("until {0}", clockTime(endsAtMs, nowMs));

const testLines = (test: NonNullable<BoardEntry["lastTest"]>, nowMs: number): readonly string[] => [
  t("Last test at {0}: {1}", clockTime(test.atMs, nowMs), outcomeSentence(test.outcome, t, nowMs)),
  t("It took: {0}. Trace ID: {1}", stepsText(test.steps), test.traceId),
];
