import type { Connector } from "../../config/connector.ts";
import type { BoardEntry } from "../../connectors/board.ts";
import { lastAnswer } from "../../connectors/status.ts";

/** A connector as the editor's own MCP client gets to know it: never with a credential. */
export interface Offer {
  /** Unique among all offers, whatever the case: the client finds servers by it. */
  readonly label: string;
  readonly connector: Connector;
}

/**
 * The connectors that the editor's own client is offered: those whose last answer was a credential. One that needs the
 * person, or that nobody has asked for yet, would only fail there: the view says what it needs, and it comes by itself.
 * @param taken names that somebody else defines, in lower case; they are left alone.
 */
export const offersOf = (entries: readonly BoardEntry[], taken: ReadonlySet<string>): readonly Offer[] => {
  const labels = new Set<string>();
  // Those that are not ready keep their labels too: no label moves from one connector to another meanwhile.
  const labelled = entries.map((entry) => {
    const label = freeLabel(entry.connector, labels);
    labels.add(label.toLowerCase());
    return { entry, label };
  });
  return labelled
    .filter(({ entry }) => isReady(entry) && !taken.has(entry.connector.name.toLowerCase()))
    .map(({ entry, label }) => ({ label, connector: entry.connector }));
};

/** The client speaks HTTP and its older form with server-sent events; it has no WebSocket. */
const isReady = ({ connector, status }: BoardEntry): boolean =>
  connector.transport !== "ws" && lastAnswer(status)?.kind === "granted";

/**
 * The entry's name, so that the client takes it and what `.mcp.json` says for one server. Others of that name are told
 * apart by their folder, and by a number at last.
 */
const freeLabel = ({ name, origin }: Connector, taken: ReadonlySet<string>): string => {
  const isFree = (label: string): boolean => !taken.has(label.toLowerCase());
  if (isFree(name)) return name;
  const folder = origin.folder?.split(/[\\/]/).findLast((part) => part !== "");
  const inFolder = folder === undefined ? name : `${name} (${folder})`;
  if (isFree(inFolder)) return inFolder;
  for (let number = 2; ; number += 1) {
    const numbered = `${inFolder} ${number}`;
    if (isFree(numbered)) return numbered;
  }
};
