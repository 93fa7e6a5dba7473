import type { Board } from "../../core/connectors/board.ts";
import type { BoardEntry } from "../../core/connectors/boardEntry.ts";
import type { BrokenEntry } from "../../core/config/connector.ts";
import { scopeOf } from "../../core/config/precedence.ts";
import type { Event } from "../../core/emitter.ts";
import type { Row } from "./messages.ts";

/** What the person does at this moment, connector by connector. */
export interface Acting {
  of(connectorId: string): unknown;
  readonly onDidChange: Event<unknown>;
}

/** A window's connectors, as the others need to know them. */
export const rowsOf = (board: Pick<Board, "entries" | "broken">, acting?: Acting): readonly Row[] => [
  ...board.entries().map((entry) => rowOf(entry, acting)),
  ...board.broken().map(brokenRow),
];

const rowOf = ({ connector, status }: BoardEntry, acting: Acting | undefined): Row => {
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

const brokenRow = ({ id, name, origin }: BrokenEntry): Row => ({
  ...{ id, name, url: "", ...scopeOf(origin) },
  ...{ issuer: "", clientId: "", standing: "broken", acting: false },
});

/**
 * Whether these connectors' rows are as they were. Asked with every change of the board, which names what it touched:
 * of hundreds of connectors, one.
 */
export const areAsBefore = (
  ids: readonly string[],
  before: ReadonlyMap<string, Row>,
  board: Pick<Board, "get">,
  acting?: Acting,
): boolean =>
  ids.every((id) => {
    const entry = board.get(id);
    return entry !== undefined && isSame(rowOf(entry, acting), before.get(id));
  });

const isSame = (row: Row, other: Row | undefined): boolean => JSON.stringify(row) === JSON.stringify(other);
