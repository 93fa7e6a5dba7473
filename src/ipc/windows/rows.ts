import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import type { BrokenEntry } from "../../core/config/connector.ts";
import { scopeOf } from "../../core/config/precedence.ts";
import type { Event } from "../../core/emitter.ts";
import type { ConnectorRow } from "./messages.ts";

/** What the person does at this moment, connector by connector. */
export interface ActiveConnectors {
  of(connectorId: string): unknown;
  readonly onDidChange: Event<unknown>;
}

/** A window's connectors, as the others need to know them. */
export const rowsOf = (
  board: Pick<Board, "entries" | "broken">,
  acting?: ActiveConnectors,
): readonly ConnectorRow[] => [
  ...board.entries().map((entry) => rowOf(entry, acting)),
  ...board.broken().map(brokenRow),
];

const rowOf = ({ connector, status }: BoardEntry, acting: ActiveConnectors | undefined): ConnectorRow => {
  const { id, name, url, userAuth, origin } = connector;
  const isHeld = status.kind === "untrusted" || status.kind === "unapproved";
  return {
    ...{ id, name, url, ...scopeOf(origin) },
    issuer: userAuth.issuer,
    clientId: userAuth.clientId,
    ...(userAuth.events === undefined ? {} : { events: userAuth.events }),
    standing: isHeld ? "held" : "approved",
    acting: acting?.of(id) !== undefined,
  };
};

const brokenRow = ({ id, name, origin }: BrokenEntry): ConnectorRow => ({
  ...{ id, name, url: "", ...scopeOf(origin) },
  ...{ issuer: "", clientId: "", standing: "broken", acting: false },
});

/**
 * Whether these connectors' rows are as they were. Asked with every change of the board, which names what it touched:
 * of hundreds of connectors, one.
 */
export const areAsBefore = (
  ids: readonly string[],
  before: ReadonlyMap<string, ConnectorRow>,
  board: Pick<Board, "get">,
  acting?: ActiveConnectors,
): boolean =>
  ids.every((id) => {
    const entry = board.get(id);
    return entry !== undefined && isSame(rowOf(entry, acting), before.get(id));
  });

const isSame = (row: ConnectorRow, other: ConnectorRow | undefined): boolean =>
  JSON.stringify(row) === JSON.stringify(other);
