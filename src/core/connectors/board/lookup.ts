import type { Connector } from "../../config/connector.ts";

export const sameUrl = (a: string, b: string): boolean => {
  const [first, second] = [URL.parse(a), URL.parse(b)];
  return first !== null && first.href === second?.href;
};

/** An entry is asked for its key with every change of any: it is made once. */
const keys = new WeakMap<Connector, string>();

/** What an entry says, wherever in its file it stands: two with the same key are the same entry. */
export const connectorKey = (connector: Connector): string => {
  const known = keys.get(connector);
  if (known !== undefined) return known;
  const key = JSON.stringify({ ...connector, place: null });
  keys.set(connector, key);
  return key;
};
