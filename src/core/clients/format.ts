import type { Edit } from "jsonc-parser";
import { isBridge, type StartCommand } from "../config/command/bridgeCommand.ts";

/** What is to be done to a file, or why nothing is. */
export type Edited =
  | { readonly kind: "edits"; readonly edits: readonly Edit[] }
  /** A server of that name is there, and is left as it is. */
  | { readonly kind: "there" }
  /** There is no server of that name. */
  | { readonly kind: "absent" }
  /** The file holds something that is not understood well enough to be changed. */
  | { readonly kind: "unclear" };

/** What a file says of a server. */
export type FoundServer = "bridge" | "other" | "absent" | "unclear";

/** How a client's own file names its servers. Nothing but the server itself is touched. */
export interface ClientFormat {
  readonly find: (text: string, name: string) => FoundServer;
  /** At the end of the servers that are there; never over one, and never a second time. */
  readonly add: (text: string, name: string, entry: StartCommand) => Edited;
  readonly remove: (text: string, name: string) => Edited;
}

export const foundBy = (start: StartCommand | undefined, name: string): FoundServer =>
  start !== undefined && isBridge(start, name) ? "bridge" : "other";

export const edits = (...all: readonly Edit[]): Edited => ({ kind: "edits", edits: all });

/** The text's own line ending. */
export const eolOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

/** What has to stand between a text and a line that is added to it. */
export const lineEndFor = (text: string): string => (text === "" || text.endsWith("\n") ? "" : eolOf(text));
