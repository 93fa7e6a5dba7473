import type { StatusKind } from "../../core/connectors/board/status.ts";
import type { BrokenEntry, EntryOrigin } from "../../core/config/connector.ts";
import type { Issue } from "../../core/config/issues/issue.ts";
import type { UserActionKind } from "../../core/connectors/wait/userActions.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry, Issued } from "../../core/connectors/board/boardEntry.ts";
import { isForbidden } from "../../core/connectors/permission/forbidden.ts";
import { needsOf, serves } from "../../core/identity/needs.ts";
import type { SessionInfo, SessionNeed } from "../../core/identity/session.ts";
import type { McpNotice } from "../vscodeMcp/notice.ts";

/** What a row that holds others stands for. */
export type Group =
  /** `issuer` is absent where an entry is too broken to name one. */
  | { readonly kind: "identityProvider"; readonly issuer?: string }
  | { readonly kind: "status"; readonly status: GroupedStatus }
  | { readonly kind: "folder"; readonly name: string };

/** A check is a moment, and no group: a row stays where it is until there is an answer. */
export type GroupedStatus = Exclude<StatusKind, "checking">;

/** What one row of the view is about. */
export type Node =
  /** A sign-in that is under way, with what it waits for in words; `code` is what the person types in. */
  | { readonly kind: "signIn"; readonly host: string; readonly text: string; readonly code?: string }
  /** Someone who is signed in, and what would outlive their access. */
  | { readonly kind: "account"; readonly session: SessionInfo; readonly issued: readonly Issued[] }
  /** A sign-in that connectors wait for. */
  | { readonly kind: "need"; readonly need: SessionNeed }
  /** `folder` is there where names of several folders show side by side. */
  | {
      readonly kind: "connector";
      readonly entry: BoardEntry;
      readonly act?: UserActionKind;
      readonly folder?: string;
    }
  | { readonly kind: "broken"; readonly entry: BrokenEntry; readonly folder?: string }
  /** The editor's own MCP client, where there is something to say of it. */
  | { readonly kind: "mcp"; readonly notice: McpNotice }
  /** Something wrong with a whole file. */
  | { readonly kind: "file"; readonly issue: Issue }
  /** Connectors that have something in common; `size` of them show. */
  | { readonly kind: "group"; readonly group: Group; readonly size: number };

/** What the editor keeps of a row, and what a command on it receives: the row changes, this stays the same object. */
export interface RowHandle {
  readonly rowId: string;
}

export interface Rows {
  readonly board: Pick<Board, "entries" | "broken">;
  readonly sessions: readonly SessionInfo[];
  readonly fileIssues: readonly Issue[];
  readonly mcpNotice: McpNotice | undefined;
  readonly signIn?: Extract<Node, { readonly kind: "signIn" }> | undefined;
  /** What is under way for a connector. */
  readonly actOf: (connectorId: string) => UserActionKind | undefined;
  /** The folder that an entry is of, as a person calls it. */
  readonly folderNameOf: (origin: EntryOrigin) => string;
}

/** What a broken entry counts as: somebody forbids it, or somebody has to mend it. */
export const brokenKind = (entry: BrokenEntry): "denied" | "misconfigured" =>
  isForbidden(entry) ? "denied" : "misconfigured";

/** Accounts on top, then the connectors as the files name them, then what is wrong. */
export const nodesOf = (rows: Rows): Node[] => {
  const { board, sessions, fileIssues, mcpNotice, actOf, signIn } = rows;
  const connectors = board.entries();
  const needs = needsOf(connectors.map(({ connector }) => connector)).filter(
    (need) => !sessions.some((session) => serves(session, need)),
  );
  const folderOf = folderNames(rows);
  return [
    ...(signIn === undefined ? [] : [signIn]),
    ...sessions.map((session): Node => ({
      kind: "account",
      session,
      issued: issuedFor(session, connectors),
    })),
    ...needs.map((need): Node => ({ kind: "need", need })),
    ...(mcpNotice === undefined ? [] : [{ kind: "mcp", notice: mcpNotice } as const]),
    ...connectors.map((entry): Node => {
      const act = actOf(entry.connector.id);
      const doing = act === undefined ? {} : { act };
      return { kind: "connector", entry, ...doing, ...folderOf(entry.connector.origin) };
    }),
    ...board.broken().map((entry): Node => ({ kind: "broken", entry, ...folderOf(entry.origin) })),
    ...fileIssues.map((issue): Node => ({ kind: "file", issue })),
  ];
};

const issuedFor = (session: SessionInfo, entries: readonly BoardEntry[]): readonly Issued[] =>
  entries.flatMap(({ connector, lastIssued }) =>
    lastIssued !== undefined && serves(session, connector.userAuth) ? [lastIssued] : [],
  );

/** Names folders only where there are several of them. */
const folderNames = ({
  board,
  folderNameOf,
}: Rows): ((origin: EntryOrigin) => { readonly folder?: string }) => {
  const files = new Map<string, EntryOrigin>();
  for (const { connector } of board.entries()) files.set(connector.origin.file, connector.origin);
  for (const { origin } of board.broken()) files.set(origin.file, origin);
  const names = new Map([...files].map(([file, origin]) => [file, folderNameOf(origin)]));
  if (names.size < 2) return () => ({});
  return (origin) => ({ folder: names.get(origin.file) ?? folderNameOf(origin) });
};

/** Stable over refreshes, so that selection and expansion stay where they are. */
export const nodeIdOf = (node: Node): string => {
  switch (node.kind) {
    case "signIn":
      return "signIn";
    case "account":
      return `account:${node.session.id}`;
    case "need":
      return `need:${JSON.stringify([node.need.issuer, node.need.clientId, node.need.resource ?? null])}`;
    case "connector":
      return `connector:${node.entry.connector.id}`;
    case "broken":
      return `broken:${node.entry.id}`;
    case "mcp":
      return "mcp";
    case "file":
      return `file:${JSON.stringify([node.issue.code, node.issue.place ?? null])}`;
    case "group":
      return `group:${JSON.stringify(node.group)}`;
  }
};
