import type { Connector } from "../config/connector.ts";

/** What an entry says, wherever in its file it stands: two with the same key are the same entry. */
export const connectorKey = (connector: Connector): string => JSON.stringify({ ...connector, place: null });
