import * as vscode from "vscode";
import type { UserActionKind } from "../../core/connectors/wait/userActions.ts";
import { reconnectHint } from "../../core/connectors/reconnect.ts";
import { hasEvidence } from "../../core/connectors/board/status.ts";
import { plainText } from "../../core/text.ts";
import { hostOf } from "../../core/urls.ts";
import {
  clockTime,
  detailOf,
  iconOf,
  issueText,
  lookOf,
  timeLeft,
  waitingLook,
} from "../status/statusLook.ts";
import type { ShellCommandId } from "../manifestNames.ts";
import { mcpNoticeRow } from "../vscodeMcp/notice.ts";
import { treeItem } from "../screen.ts";
import { groupRow } from "./groupRow.ts";
import { brokenKind, nodeIdOf, type Node } from "./nodes.ts";

const t = vscode.l10n.t;

type ConnectorNode = Extract<Node, { readonly kind: "connector" }>;

/** What a row shows before anybody points at it. */
interface Row {
  readonly label: string;
  readonly description: string;
  readonly icon: vscode.ThemeIcon;
  readonly contextValue: string;
  /** What a screen reader says, where that is not the label and the description. */
  readonly spoken?: string;
}

/** The row of a node, without its tooltip: that is made when somebody points at it. */
export const itemOf = (node: Node, nowMs: number): vscode.TreeItem => {
  const { label, description, icon, contextValue, spoken } = rowOf(node, nowMs);
  const item = treeItem(label, description);
  if (node.kind === "group") item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
  item.id = nodeIdOf(node);
  item.iconPath = icon;
  item.contextValue = contextValue;
  if (node.kind === "signIn") item.command = { command: goOn, title: t("Go on with the sign-in") };
  const read = spoken ?? description;
  item.accessibilityInformation = { label: read === "" ? label : `${label}, ${read}`, role: "treeitem" };
  return item;
};

const rowOf = (node: Node, nowMs: number): Row => {
  switch (node.kind) {
    case "account":
      return row(node.session.accountLabel, hostOf(node.session.issuer), "account", "account");
    case "signIn":
      return signInRow(node);
    case "need":
      return row(t("Not signed in"), hostOf(node.need.issuer), "sign-in", "need");
    case "connector":
      return node.act === undefined ? connectorRow(node, nowMs) : waitingRow(node, node.act, nowMs);
    case "broken":
      return row(
        node.entry.name,
        inFolder(node.folder, [node.entry.issues.map(issueText).join(" ")]),
        brokenKind(node.entry) === "denied" ? "circle-slash" : "error",
        "broken",
      );
    case "mcp": {
      const { label, description, icon, contextValue } = mcpNoticeRow(node.notice);
      return row(label, description, icon, contextValue);
    }
    case "file":
      return row(baseName(node.issue.place?.file ?? ""), issueText(node.issue), "warning", "file");
    case "group":
      return groupRow(node.group, node.size);
  }
};

const row = (label: string, description: string, icon: string, contextValue: string): Row => ({
  label: plainText(label, 80),
  description,
  icon: new vscode.ThemeIcon(icon),
  contextValue,
});

/** A click on it shows the ways on. */
const goOn: ShellCommandId = "lanyard.goOnSigningIn";

/** The code comes first: it is what the person looks for. */
const signInRow = ({ host, text, code }: Extract<Node, { readonly kind: "signIn" }>): Row =>
  code === undefined
    ? row(t("Signing in at {0}", host), text, "loading~spin", "signIn")
    : row(t("Code: {0}", code), text, "device-mobile", "signIn.code");

/** The context value holds what the row's actions depend on: `connector.<kind>` and `+trace` where there is one. */
const connectorRow = ({ entry, folder }: ConnectorNode, nowMs: number): Row => {
  const { connector, status } = entry;
  const look = lookOf(status);
  const evidence = hasEvidence(status) ? status.evidence : undefined;
  const parts = [
    look.label,
    detailOf(status, nowMs),
    reconnectHint(entry, t),
    connector.helper.kind === "bridge" ? t("bridge") : undefined,
    evidence && clockTime(evidence.atMs, nowMs),
  ];
  return {
    label: plainText(connector.name, 80),
    description: inFolder(folder, parts),
    icon: iconOf(look),
    contextValue: `connector.${status.kind}${evidence === undefined ? "" : "+trace"}`,
  };
};

/** A countdown that is read out every second would say nothing else: a screen reader hears when it ends. */
const waitingRow = ({ entry, folder }: ConnectorNode, act: UserActionKind, nowMs: number): Row => {
  const { connector, status } = entry;
  const { text, icon, untilMs } = waitingLook(status, act);
  const counted = untilMs === undefined ? [] : [timeLeft(untilMs, nowMs)];
  const ending = untilMs === undefined ? [] : [t("until {0}", clockTime(untilMs, nowMs))];
  return {
    label: plainText(connector.name, 80),
    description: inFolder(folder, [text, ...counted]),
    spoken: [...(folder === undefined ? [] : [folder]), text, ...ending].join(", "),
    icon: new vscode.ThemeIcon(icon),
    contextValue: `connector.${status.kind}+waiting${hasEvidence(status) ? "+trace" : ""}`,
  };
};

/** What a row says beside its name: first the folder, where there are several. */
const inFolder = (folder: string | undefined, parts: readonly (string | undefined)[]): string =>
  [folder, ...parts].filter((part) => part !== undefined).join(" · ");

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
