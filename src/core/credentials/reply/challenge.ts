/** One challenge: its scheme in lower case as `scheme`, and its parameters by their names in lower case. */
export type Challenge = Readonly<Record<string, string>>;

const longestHeader = 64 * 1024;
const mostChallenges = 64;

const tokenHere = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const blanksHere = /[ \t]*/y;
const separatorsHere = /[ \t,]*/y;
const token68Here = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const equalsHere = /[ \t]*=[ \t]*/y;
const quotedHere = /"((?:[^"\\]|\\.)*)"/sy;
const plainHere = /[^\s",]+/y;
const restOfItem = /[^,"]*(?:"(?:[^"\\]|\\.)*"?[^,"]*)*/sy;

/** Reads a text from left to right. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get place(): number {
    return this.#at;
  }

  back(place: number): void {
    this.#at = place;
  }

  /** @param pattern a sticky one */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at += match[0].length;
    return match;
  }
}

/**
 * All challenges of a `WWW-Authenticate` field, of one line or of several that were joined (RFC 9110, section 11.6.1). A
 * comma stands between challenges as between parameters: what follows one is a scheme unless a `=` comes after it. What
 * fits neither is skipped.
 */
export const parseChallenges = (header: string | null): readonly Challenge[] => {
  const cursor = new Cursor((header ?? "").slice(0, longestHeader));
  const challenges: Record<string, string>[] = [];
  for (;;) {
    cursor.take(separatorsHere);
    if (cursor.isAtEnd || challenges.length >= mostChallenges) return challenges;
    const latest = challenges.at(-1);
    const parameter = parameterAt(cursor);
    if (parameter !== undefined) {
      const [name, value] = parameter;
      if (latest !== undefined && !Object.hasOwn(latest, name)) latest[name] = value;
      continue;
    }
    const scheme = cursor.take(tokenHere)?.[0];
    if (scheme === undefined) {
      if (cursor.take(restOfItem)?.[0] === "") return challenges;
      continue;
    }
    challenges.push({ scheme: scheme.toLowerCase() });
    if (cursor.take(blanksHere)?.[0] !== "" && parameterAhead(cursor) === undefined) cursor.take(token68Here);
  }
};

const parameterAt = (cursor: Cursor): readonly [string, string] | undefined => {
  const start = cursor.place;
  const name = cursor.take(tokenHere)?.[0];
  if (name !== undefined && cursor.take(equalsHere) !== undefined) {
    const quoted = cursor.take(quotedHere);
    if (quoted !== undefined) return [name.toLowerCase(), (quoted[1] ?? "").replace(/\\(.)/gs, "$1")];
    const plain = cursor.take(plainHere)?.[0];
    if (plain !== undefined && !/^=*$/.test(plain)) return [name.toLowerCase(), plain];
  }
  cursor.back(start);
  return undefined;
};

const parameterAhead = (cursor: Cursor): readonly [string, string] | undefined => {
  const start = cursor.place;
  const found = parameterAt(cursor);
  cursor.back(start);
  return found;
};

const tokenSchemes: ReadonlySet<string> = new Set(["bearer", "dpop"]);

/** Best first: what asks something of the person, what says what is wrong with the token, what takes a token at all. */
const rankOf = (challenge: Challenge): number => {
  const takesTokens = tokenSchemes.has(challenge["scheme"] ?? "");
  const error = challenge["error"];
  if (takesTokens && error === "insufficient_user_authentication") return 0;
  if (takesTokens && error === "insufficient_scope") return 1;
  if (takesTokens && error !== undefined) return 2;
  if (takesTokens) return 3;
  return error === undefined ? 5 : 4;
};

/** Of several challenges the one that says most about a token; `undefined` where there is none. */
export const parseChallenge = (header: string | null): Challenge | undefined =>
  [...parseChallenges(header)].sort((a, b) => rankOf(a) - rankOf(b))[0];
