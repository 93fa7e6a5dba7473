import { usualGuards } from "../wording/unsendable.ts";
import type { Board } from "./board.ts";

/**
 * The names of every guard that an entry of this window has. A refusal stands in for all of them: one that names more
 * than those of the entry it is for does no harm.
 */
export const guardedNamesOn = (board: Pick<Board, "entries" | "broken">): readonly string[] => [
  ...new Set([
    ...usualGuards,
    ...board.entries().flatMap(({ connector }) => connector.guarded ?? []),
    ...board.broken().flatMap(({ guarded = [] }) => guarded),
  ]),
];
