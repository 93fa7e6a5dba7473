import type { Connector } from "../../config/connector.ts";
import type { BoardEntry } from "../../connectors/board/boardEntry.ts";
import { lastAnswer } from "../../connectors/board/status.ts";

/** A connector as the editor's own MCP client gets to know it: never with a credential. */
export interface ServerOffer {
  /** Unique among all offers, whatever the case: the client finds servers by it. */
  readonly label: string;
  readonly connector: Connector;
}

/** Those whose last answer was a credential; or all that may be asked for at all, while the person chooses among them. */
export type Breadth = "ready" | "approved";

/**
 * The connectors that the editor's own client is offered. One that needs the person, or that nobody has asked for yet,
 * would only fail there: the view says what it needs, and once it is ready it comes by itself.
 * @param taken names that somebody else defines, in lower case; they are left alone.
 */
export const offersOf = (
  entries: readonly BoardEntry[],
  taken: ReadonlySet<string>,
  breadth: Breadth = "ready",
): readonly ServerOffer[] => {
  const labels = new Set<string>();
  // Those that are not ready keep their labels too: no label moves from one connector to another meanwhile.
  const labelled = entries.map((entry) => {
    const label = freeLabel(entry.connector, labels);
    labels.add(label.toLowerCase());
    return { entry, label };
  });
  return labelled
    .filter(({ entry }) => isMeant(entry, breadth) && !taken.has(entry.connector.name.toLowerCase()))
    .map(({ entry, label }) => ({ label, connector: entry.connector }));
};

/**
 * Whether this connector is offered. The client speaks HTTP and its older form with server-sent events; it has no
 * WebSocket. A bridge it starts by itself, from the entry.
 */
export const isMeant = ({ connector, status }: BoardEntry, breadth: Breadth): boolean => {
  if (connector.transport === "ws" || connector.helper.kind === "bridge") return false;
  if (breadth === "ready") return lastAnswer(status)?.kind === "granted";
  return status.kind !== "untrusted" && status.kind !== "unapproved";
};

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
