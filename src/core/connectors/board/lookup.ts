import type { Connector } from "../../config/connector.ts";
import { nearestTo, type Scope } from "../../config/precedence.ts";

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

/** Whom somebody asks for: by name, by URL, and by the folder that they work in. */
export interface WantedConnector {
  readonly server: string;
  /** Left out by who has no URL of its own and takes the entry's. */
  readonly url?: string;
  readonly cwd: string;
}

/** An entry as far as the choice between several goes. */
export type PlacedEntry = Scope & { readonly name: string };

export type Meant<W, B> =
  /** Of this name, this place and this URL. Several: nothing decides between them. */
  | { readonly kind: "meant"; readonly entries: readonly [W, ...W[]] }
  /** The nearest of this name have other URLs: the credential is not for that place. */
  | { readonly kind: "urlMismatch"; readonly entries: readonly [W, ...W[]] }
  /** The nearest of this name has errors. */
  | { readonly kind: "broken"; readonly entries: readonly [B, ...B[]] }
  /** All of this name, if any, hold elsewhere than in the asker's folder. */
  | { readonly kind: "unknown"; readonly elsewhere: readonly (W | B)[] };

/**
 * Which entry is meant, of one window or of several. Outside of an entry's folder the entry is not meant, so that what
 * runs elsewhere cannot ask in its name; the user's own entries and the administrator's hold everywhere. An entry with errors
 * counts where no other does.
 */
export const whichIsMeant = <W extends PlacedEntry & { readonly url: string }, B extends PlacedEntry>(
  { server, url, cwd }: WantedConnector,
  whole: readonly W[],
  broken: readonly B[],
): Meant<W, B> => {
  const isNamed = ({ name }: PlacedEntry): boolean => name === server;
  const nearest = nearestTo(cwd, whole.filter(isNamed), (entry) => entry);
  const [first, ...others] = nearest;
  if (first !== undefined) {
    const [match, ...more] = nearest.filter((entry) => url === undefined || sameUrl(entry.url, url));
    if (match === undefined) return { kind: "urlMismatch", entries: [first, ...others] };
    return { kind: "meant", entries: [match, ...more] };
  }
  const [wrong, ...rest] = nearestTo(cwd, broken.filter(isNamed), (entry) => entry);
  if (wrong !== undefined) return { kind: "broken", entries: [wrong, ...rest] };
  return { kind: "unknown", elsewhere: [...whole, ...broken].filter(isNamed) };
};
