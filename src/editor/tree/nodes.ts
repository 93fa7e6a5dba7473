import type { BrokenEntry } from "../../core/config/connector.ts";
import type { Issue } from "../../core/config/issue.ts";
import type { ActKind } from "../../core/connectors/acts.ts";
import type { Board } from "../../core/connectors/board.ts";
import type { BoardEntry } from "../../core/connectors/boardEntry.ts";
import { needsOf, serves } from "../../core/identity/needs.ts";
import type { SessionInfo, SessionNeed } from "../../core/identity/session.ts";
import type { McpNotice } from "../vscodeMcp/notice.ts";

type Issued = NonNullable<BoardEntry["lastIssued"]>;

/** One row of the view. Commands on a row receive its node. */
export type Node =
  /** Someone who is signed in, and what would outlive their access. */
  | { readonly kind: "account"; readonly session: SessionInfo; readonly issued: readonly Issued[] }
  /** A sign-in that connectors wait for. */
  | { readonly kind: "need"; readonly need: SessionNeed }
  | { readonly kind: "connector"; readonly entry: BoardEntry; readonly act?: ActKind }
  | { readonly kind: "broken"; readonly entry: BrokenEntry }
  /** The editor's own MCP client, where there is something to say of it. */
  | { readonly kind: "mcp"; readonly notice: McpNotice }
  /** Something wrong with a whole file. */
  | { readonly kind: "file"; readonly issue: Issue };

export interface Rows {
  readonly board: Pick<Board, "entries" | "broken">;
  readonly sessions: readonly SessionInfo[];
  readonly fileIssues: readonly Issue[];
  readonly mcpNotice: McpNotice | undefined;
  /** What is under way for a connector. */
  readonly actOf: (connectorId: string) => ActKind | undefined;
}

/** Accounts on top, then the connectors as the files name them, then what is wrong. */
export const nodesOf = ({ board, sessions, fileIssues, mcpNotice, actOf }: Rows): Node[] => {
  const connectors = board.entries();
  const needs = needsOf(connectors.map(({ connector }) => connector)).filter(
    (need) => !sessions.some((session) => serves(session, need)),
  );
  return [
    ...sessions.map((session): Node => ({
      kind: "account",
      session,
      issued: issuedFor(session, connectors),
    })),
    ...needs.map((need): Node => ({ kind: "need", need })),
    ...(mcpNotice === undefined ? [] : [{ kind: "mcp", notice: mcpNotice } as const]),
    ...connectors.map((entry): Node => {
      const act = actOf(entry.connector.id);
      return { kind: "connector", entry, ...(act === undefined ? {} : { act }) };
    }),
    ...board.broken().map((entry): Node => ({ kind: "broken", entry })),
    ...fileIssues.map((issue): Node => ({ kind: "file", issue })),
  ];
};

const issuedFor = (session: SessionInfo, entries: readonly BoardEntry[]): readonly Issued[] =>
  entries.flatMap(({ connector, lastIssued }) =>
    lastIssued !== undefined && serves(session, connector.userAuth) ? [lastIssued] : [],
  );

/** Stable over refreshes, so that selection and expansion stay where they are. */
export const idOf = (node: Node): string => {
  switch (node.kind) {
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
  }
};
