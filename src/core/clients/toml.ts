/** A header or a pair of a TOML file (v1.0.0), and where it stands. */
export interface Statement {
  readonly kind: "table" | "tables" | "pair";
  /** From the root: of a pair, its table's path and its own key. */
  readonly path: readonly string[];
  /** Of a pair, as it is written. */
  readonly value: string;
  readonly start: number;
  /** Behind its line. */
  readonly end: number;
}

const blank = /(?:[ \t\r\n]|#[^\n]*)*/y;
const inLine = /[ \t]*/y;
const lineEnd = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const key = /[A-Za-z0-9_-]+|"(?:\\[^\n]|[^"\\\n])*"|'[^'\n]*'/y;
const text =
  /"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})|'''[\s\S]*?'''(?:'{0,2})|"(?:\\[^\n]|[^"\\\n])*"|'[^'\n]*'/y;
/** A number, a boolean or a time, which may hold one blank. */
const plain = /[A-Za-z0-9+.:_-]+(?: [0-9][0-9:.+-]*Z?)?/y;
const between = /[ \t\r\n,=]|#[^\n]*(?:\n|$)/y;

/** Reads on in one text. */
class Reader {
  at = 0;
  readonly #text: string;

  constructor(whole: string) {
    this.#text = whole;
  }

  get isDone(): boolean {
    return this.at >= this.#text.length;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  takeText(wanted: string): boolean {
    if (!this.#text.startsWith(wanted, this.at)) return false;
    this.at += wanted.length;
    return true;
  }

  since(start: number): string {
    return this.#text.slice(start, this.at);
  }
}

/** Every statement, in order; undefined where the text is not TOML as it is understood here. */
export const statementsOf = (whole: string): readonly Statement[] | undefined => {
  const reader = new Reader(whole);
  const all: Statement[] = [];
  let table: readonly string[] = [];
  reader.takeText("\ufeff");
  for (reader.take(blank); !reader.isDone; reader.take(blank)) {
    const start = reader.at;
    const read = reader.takeText("[") ? headerIn(reader) : pairIn(reader, table);
    if (read === undefined || reader.take(lineEnd) === undefined) return undefined;
    if (read.kind !== "pair") table = read.path;
    all.push({ ...read, start, end: reader.at });
  }
  return all;
};

type Read = Pick<Statement, "kind" | "path" | "value">;

const headerIn = (reader: Reader): Read | undefined => {
  const isArray = reader.takeText("[");
  const path = pathIn(reader);
  if (path === undefined || !reader.takeText(isArray ? "]]" : "]")) return undefined;
  return { kind: isArray ? "tables" : "table", path, value: "" };
};

const pairIn = (reader: Reader, table: readonly string[]): Read | undefined => {
  const path = pathIn(reader);
  if (path === undefined || !reader.takeText("=")) return undefined;
  reader.take(inLine);
  const start = reader.at;
  if (!takeValue(reader)) return undefined;
  return { kind: "pair", path: [...table, ...path], value: reader.since(start) };
};

const pathIn = (reader: Reader): readonly string[] | undefined => {
  const path: string[] = [];
  do {
    reader.take(inLine);
    const part = reader.take(key);
    const name = part === undefined ? undefined : (tomlText(part) ?? part);
    if (name === undefined) return undefined;
    path.push(name);
    reader.take(inLine);
  } while (reader.takeText("."));
  return path;
};

/** Arrays and inline tables are taken whole, whatever is in them. */
const takeValue = (reader: Reader): boolean => {
  const open: string[] = [];
  do {
    if (reader.takeText("[")) open.push("]");
    else if (reader.takeText("{")) open.push("}");
    else if (open.length > 0 && reader.takeText(open.at(-1) ?? "")) open.pop();
    else if (open.length > 0 && reader.take(between) !== undefined) continue;
    else if ((reader.take(text) ?? reader.take(plain)) === undefined) return false;
  } while (open.length > 0 && !reader.isDone);
  return open.length === 0;
};

/** A string's text; undefined where it is none, or holds an escape that JSON has not. */
export const tomlText = (written: string): string | undefined => {
  if (/^'[^']*'$/.test(written)) return written.slice(1, -1);
  if (!/^"[^"]|^""$/.test(written)) return undefined;
  try {
    const read: unknown = JSON.parse(written);
    return typeof read === "string" ? read : undefined;
  } catch {
    return undefined;
  }
};

/** The texts of an array that holds nothing else. */
export const tomlTexts = (written: string): readonly string[] | undefined => {
  const reader = new Reader(written);
  const texts: string[] = [];
  if (!reader.takeText("[")) return undefined;
  for (;;) {
    while (reader.take(between) !== undefined);
    if (reader.takeText("]")) return texts;
    const read = tomlText(reader.take(text) ?? "");
    if (read === undefined) return undefined;
    texts.push(read);
  }
};
