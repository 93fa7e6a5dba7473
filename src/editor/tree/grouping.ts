import type { Status } from "../../core/connectors/board/status.ts";
import { brokenKind, type Group, type GroupedStatus, type Node } from "./nodes.ts";

/** What the view's rows are grouped by. */
export const groupings = ["none", "identityProvider", "status", "folder"] as const;

export type Grouping = (typeof groupings)[number];

/** The group of a row; `undefined` for one that stands above or below all groups. */
export const groupOf = (node: Node, grouping: Grouping): Group | undefined => {
  switch (grouping) {
    case "none":
      return undefined;
    case "identityProvider":
      return providerOf(node);
    case "status":
      return statusOf(node);
    case "folder":
      return "folder" in node ? { kind: "folder", name: node.folder } : undefined;
  }
};

const providerOf = (node: Node): Group | undefined => {
  switch (node.kind) {
    case "account":
      return { kind: "identityProvider", issuer: node.session.issuer };
    case "need":
      return { kind: "identityProvider", issuer: node.need.issuer };
    case "connector":
      return { kind: "identityProvider", issuer: node.entry.connector.userAuth.issuer };
    case "broken":
      return { kind: "identityProvider" };
    case "signIn":
    case "mcp":
    case "file":
    case "group":
      return undefined;
  }
};

const statusOf = (node: Node): Group | undefined => {
  switch (node.kind) {
    case "connector":
      return { kind: "status", status: settled(node.entry.status) };
    case "broken":
      return { kind: "status", status: brokenKind(node.entry) };
    case "account":
    case "signIn":
    case "need":
    case "mcp":
    case "file":
    case "group":
      return undefined;
  }
};

const settled = (status: Status): GroupedStatus => {
  if (status.kind !== "checking") return status.kind;
  return status.last?.kind ?? "unchecked";
};

/** What needs the person first, what needs nobody last. */
const statusOrder: readonly GroupedStatus[] = [
  ...(["unapproved", "signedOut", "stepUp", "needsConnection", "misconfigured", "pending"] as const),
  ...(["unavailable", "denied", "untrusted", "unchecked", "granted"] as const),
];

/** Groups in the order in which they are shown; those without an order of their own stay as they came. */
export const groupsInOrder = (groups: readonly Group[]): readonly Group[] =>
  groups.toSorted((a, b) => rank(a) - rank(b));

const rank = (group: Group): number => {
  switch (group.kind) {
    case "status":
      return statusOrder.indexOf(group.status);
    case "identityProvider":
      return group.issuer === undefined ? 1 : 0;
    case "folder":
      return 0;
  }
};
