import { depthFor, nearestTo } from "../../core/config/precedence.ts";
import { sameUrl } from "../../core/connectors/nearest.ts";
import type { Row } from "./messages.ts";

/** A connector and the window that has it. */
export type Placed = Row & { readonly window: string };

export interface Wanted {
  readonly server: string;
  readonly url: string;
  readonly cwd: string;
}

export type Located =
  /** `isSure` when no entry elsewhere could be nearer: the asker works in the folder of this one. */
  | { readonly kind: "window"; readonly window: string; readonly isSure: boolean }
  /** Several entries of as many places. */
  | { readonly kind: "ambiguous"; readonly count: number }
  | { readonly kind: "unknown" };

/**
 * The window that answers for a connector: nearest to the folder that the asker works in, as within one window. Where
 * several windows show the same entry, the one in which the person is acting on it, then one where it is approved,
 * then `own`, then the first.
 */
export const locate = (rows: readonly Placed[], wanted: Wanted, own: string): Located => {
  const named = rows.filter(({ name }) => name === wanted.server);
  const whole = named.filter(({ standing }) => standing !== "broken");
  const nearest = nearestTo(wanted.cwd, whole.length > 0 ? whole : named, (row) => row);
  const matching = nearest.filter(({ url }) => sameUrl(url, wanted.url));
  const candidates = matching.length > 0 ? matching : nearest;
  const entries = new Set(candidates.map(({ id }) => id));
  if (matching.length > 0 && entries.size > 1) return { kind: "ambiguous", count: entries.size };
  const best = [...candidates].sort((a, b) => rank(b, own) - rank(a, own))[0];
  if (best === undefined) return { kind: "unknown" };
  const isSure = matching.length > 0 && depthFor(wanted.cwd, best.folder) > 0;
  return { kind: "window", window: best.window, isSure };
};

const rank = (row: Placed, own: string): number =>
  (row.acting ? 4 : 0) + (row.standing === "approved" ? 2 : 0) + (row.window === own ? 1 : 0);

export type IssuerLocated =
  | { readonly kind: "window"; readonly window: string; readonly issuer: string }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "unknown" };

/** The window that knows a sign-in: of the issuer that is named, or of the only one that approved connectors have. */
export const locateIssuer = (rows: readonly Placed[], issuer: string, own: string): IssuerLocated => {
  const usable = rows.filter(
    (row) => row.standing === "approved" && (issuer === "" || row.issuer === issuer),
  );
  const signIns = new Set(usable.map(({ issuer: at, clientId }) => `${at}\n${clientId}`));
  if (signIns.size > 1) return { kind: "ambiguous" };
  const best = [...usable].sort((a, b) => rank(b, own) - rank(a, own))[0];
  if (best === undefined) return { kind: "unknown" };
  return { kind: "window", window: best.window, issuer: best.issuer };
};
