import type { BrokenEntry } from "../../core/config/connector.ts";
import { depthFor, scopeOf } from "../../core/config/precedence.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import { whichIsMeant, type WantedConnector } from "../../core/connectors/board/lookup.ts";
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
  ill = false,
): readonly ConnectorRow[] => [
  ...board.entries().map((entry) => rowOf(entry, acting, ill)),
  ...board.broken().map((entry) => ({ ...brokenRow(entry), ill })),
];

const rowOf = (
  { connector, status }: BoardEntry,
  acting: ActiveConnectors | undefined,
  ill: boolean,
): ConnectorRow => {
  const { id, name, url, userAuth, origin } = connector;
  const isHeld = status.kind === "untrusted" || status.kind === "unapproved";
  return {
    ...{ id, name, url, ...scopeOf(origin) },
    issuer: userAuth.issuer,
    clientId: userAuth.clientId,
    ...(userAuth.events === undefined ? {} : { events: userAuth.events }),
    standing: isHeld ? "held" : "approved",
    acting: acting?.of(id) !== undefined,
    ill,
  };
};

const brokenRow = ({ id, name, origin }: BrokenEntry): Omit<ConnectorRow, "ill"> => ({
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
  ill = false,
): boolean =>
  ids.every((id) => {
    const entry = board.get(id);
    return entry !== undefined && isSame(rowOf(entry, acting, ill), before.get(id));
  });

const isSame = (row: ConnectorRow, other: ConnectorRow | undefined): boolean =>
  JSON.stringify(row) === JSON.stringify(other);

/** A connector and the window that has it. */
export type PlacedRow = ConnectorRow & { readonly window: string };

export type Located =
  /** `isSure` when no entry elsewhere could be nearer: the asker works in the folder of this one. */
  | { readonly kind: "window"; readonly window: string; readonly isSure: boolean }
  /** Several entries of as many places. */
  | { readonly kind: "ambiguous"; readonly count: number }
  /** None is for the asker's folder; the window that can say which folder one of this name is for. */
  | { readonly kind: "unknown"; readonly says?: string };

/**
 * The window that answers for a connector: nearest to the folder that the asker works in, as within one window. Where
 * several windows show the same entry, one whose storage works, then the one in which the person is acting on it, then
 * one where it is approved, then `own`, then the first.
 */
export const locate = (rows: readonly PlacedRow[], wanted: WantedConnector, own: string): Located => {
  const isBroken = ({ standing }: PlacedRow): boolean => standing === "broken";
  const whole = rows.filter((row) => !isBroken(row));
  const meant = whichIsMeant(wanted, whole, rows.filter(isBroken));
  if (meant.kind === "unknown") return unknown(meant.elsewhere, own);
  const entries = new Set(meant.entries.map(({ id }) => id));
  if (meant.kind === "meant" && entries.size > 1) return { kind: "ambiguous", count: entries.size };
  const best = bestOf(meant.entries, own);
  const isSure = meant.kind === "meant" && depthFor(wanted.cwd, best.folder) > 0;
  return { kind: "window", window: best.window, isSure };
};

const unknown = ([first, ...others]: readonly PlacedRow[], own: string): Located =>
  first === undefined
    ? { kind: "unknown" }
    : { kind: "unknown", says: bestOf([first, ...others], own).window };

const bestOf = (rows: readonly [PlacedRow, ...PlacedRow[]], own: string): PlacedRow =>
  rows.reduce((a, b) => (rank(b, own) > rank(a, own) ? b : a));

const rank = (row: PlacedRow, own: string): number =>
  (row.ill ? 0 : 8) +
  (row.acting ? 4 : 0) +
  (row.standing === "approved" ? 2 : 0) +
  (row.window === own ? 1 : 0);

export type IssuerLocated =
  | { readonly kind: "window"; readonly window: string; readonly issuer: string }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "unknown" };

/** The window that knows a sign-in: of the issuer that is named, or of the only one that approved connectors have. */
export const locateIssuer = (rows: readonly PlacedRow[], issuer: string, own: string): IssuerLocated => {
  const usable = rows.filter(
    (row) => row.standing === "approved" && (issuer === "" || row.issuer === issuer),
  );
  const signIns = new Set(usable.map(({ issuer: at, clientId }) => `${at}\n${clientId}`));
  if (signIns.size > 1) return { kind: "ambiguous" };
  const best = [...usable].sort((a, b) => rank(b, own) - rank(a, own))[0];
  if (best === undefined) return { kind: "unknown" };
  return { kind: "window", window: best.window, issuer: best.issuer };
};

/** Windows that have just gone, and what they had: a window that reloads is back within seconds. */
export class RecentlyClosedWindows {
  readonly #keepMs: number;
  readonly #windows = new Map<string, { readonly rows: readonly ConnectorRow[]; readonly wentMs: number }>();

  /** @param keepMs how long a window may take to come back */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  add(window: string, rows: readonly ConnectorRow[]): void {
    this.#windows.set(window, { rows, wentMs: performance.now() });
  }

  /** Milliseconds for which this window may still come back; 0 for any other. */
  leftMs(window: string): number {
    const known = this.#windows.get(window);
    return known === undefined ? 0 : Math.max(0, known.wentMs + this.#keepMs - performance.now());
  }

  /** What is still missed: an entry that another window shows is not. */
  rows(present: readonly ConnectorRow[]): readonly PlacedRow[] {
    for (const window of [...this.#windows.keys()]) {
      if (this.leftMs(window) === 0) this.#windows.delete(window);
    }
    const there = new Set(present.map(({ id }) => id));
    return [...this.#windows].flatMap(([window, { rows }]) =>
      rows.filter(({ id }) => !there.has(id)).map((row) => ({ ...row, window })),
    );
  }
}
