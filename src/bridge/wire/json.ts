import { isUtf8 } from "node:buffer";

/** JSON as bytes (RFC 8259): looked into without being taken apart, so that it is passed on as it came. */

export interface ByteSpan {
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

/** The members of an object by their names as written; of several of one name, the last. */
export type Members = ReadonlyMap<string, ByteSpan>;

const deepest = 500;

const codes = (text: string): ReadonlySet<number> => new Set(Buffer.from(text));
const blanks = codes(" \t\n\r");
const endsOfWord = codes(" \t\n\r,:]}");
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** Thrown and caught in this file alone: it ends a walk of any depth. */
class NotJson extends Error {}

/** The members of the one object that the bytes are, from `start` on; undefined where they are anything else. */
export const membersOf = (bytes: Buffer, span: ByteSpan): Members | undefined => {
  const members = new Map<string, ByteSpan>();
  return eachMember(bytes, span, (name, at) => members.set(name, at)) ? members : undefined;
};

/** Tells of each member as it stands there, those of one name too. @returns whether the bytes are one object. */
export const eachMember = (
  bytes: Buffer,
  { start, end }: ByteSpan,
  onMember: (name: string, span: ByteSpan) => void,
): boolean => {
  try {
    const at = skipBlanks(bytes, start);
    return bytes[at] === openBrace && skipBlanks(bytes, walkObject(bytes, at, 0, onMember)) === end;
  } catch (error) {
    if (error instanceof NotJson) return false;
    throw error;
  }
};

/** The items of the one array that the bytes are; undefined where they are anything else. */
export const itemsOf = (bytes: Buffer): readonly Buffer[] | undefined => {
  const items: Buffer[] = [];
  try {
    const at = skipBlanks(bytes, 0);
    if (bytes[at] !== openBracket) return undefined;
    const after = walkArray(bytes, at, 0, ({ start, end }) => items.push(bytes.subarray(start, end)));
    return skipBlanks(bytes, after) === bytes.byteLength ? items : undefined;
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
};

/** A walk sees the structure alone, not a wrong escape within a text: what is not large is parsed as well. */
const mostParsedBytes = 256 * 1024;

/** Whether the bytes may be passed on as JSON. */
export const isSound = (bytes: Buffer): boolean => {
  if (bytes.byteLength > mostParsedBytes) return isUtf8(bytes);
  try {
    JSON.parse(bytes.toString("utf8"));
    return isUtf8(bytes);
  } catch {
    return false;
  }
};

export const wholeOf = (bytes: Buffer): ByteSpan => ({ start: 0, end: bytes.byteLength });

export const textIn = (bytes: Buffer, span: ByteSpan | undefined): string | undefined =>
  span === undefined ? undefined : bytes.toString("utf8", span.start, span.end);

/** What stands in the span, taken apart; for what is small. */
export const valueIn = (bytes: Buffer, span: ByteSpan | undefined): unknown => {
  const text = textIn(bytes, span);
  return text === undefined ? undefined : parsed(text);
};

export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The same message without line ends, which JSON has between its parts only; undefined where there is one in a text. */
export const onOneLine = (bytes: Buffer): Buffer | undefined => {
  if (!bytes.includes(lineFeed) && !bytes.includes(carriageReturn)) return bytes;
  const line = Buffer.from(bytes);
  for (let at = 0; at < line.byteLength; at += 1) {
    const byte = line[at];
    if (byte === quote) at = skipString(line, at) - 1;
    else if (byte === lineFeed || byte === carriageReturn) line[at] = 0x20;
  }
  return line.includes(lineFeed) || line.includes(carriageReturn) ? undefined : line;
};

const skipBlanks = (bytes: Buffer, start: number): number => {
  let at = start;
  while (blanks.has(bytes[at] ?? 0)) at += 1;
  return at;
};

const walkValue = (bytes: Buffer, at: number, depth: number): number => {
  if (depth > deepest) throw new NotJson();
  switch (bytes[at]) {
    case openBrace:
      return walkObject(bytes, at, depth, () => undefined);
    case openBracket:
      return walkArray(bytes, at, depth, () => undefined);
    case quote:
      return skipString(bytes, at);
    case undefined:
    default:
      return walkWord(bytes, at);
  }
};

const walkObject = (
  bytes: Buffer,
  start: number,
  depth: number,
  onMember: (name: string, span: ByteSpan) => void,
): number => {
  let at = skipBlanks(bytes, start + 1);
  if (bytes[at] === closeBrace) return at + 1;
  for (;;) {
    if (bytes[at] !== quote) throw new NotJson();
    const endOfName = skipString(bytes, at);
    const from = skipBlanks(bytes, expect(bytes, skipBlanks(bytes, endOfName), colon));
    const end = walkValue(bytes, from, depth + 1);
    if (depth === 0) onMember(nameIn(bytes, at, endOfName), { start: from, end });
    at = skipBlanks(bytes, end);
    if (bytes[at] === closeBrace) return at + 1;
    at = skipBlanks(bytes, expect(bytes, at, comma));
  }
};

const walkArray = (bytes: Buffer, start: number, depth: number, onItem: (span: ByteSpan) => void): number => {
  let at = skipBlanks(bytes, start + 1);
  if (bytes[at] === closeBracket) return at + 1;
  for (;;) {
    const end = walkValue(bytes, at, depth + 1);
    onItem({ start: at, end });
    at = skipBlanks(bytes, end);
    if (bytes[at] === closeBracket) return at + 1;
    at = skipBlanks(bytes, expect(bytes, at, comma));
  }
};

/** true, false, null or a number, as they are written. */
const walkWord = (bytes: Buffer, start: number): number => {
  let at = start;
  while (at < bytes.byteLength && !endsOfWord.has(bytes[at] ?? 0)) at += 1;
  if (!word.test(bytes.toString("latin1", start, at))) throw new NotJson();
  return at;
};

/** One past the closing quote: the next that an even number of backslashes stands before. */
const skipString = (bytes: Buffer, start: number): number => {
  for (let at = bytes.indexOf(quote, start + 1); at > 0; at = bytes.indexOf(quote, at + 1)) {
    let before = at - 1;
    while (before > start && bytes[before] === backslash) before -= 1;
    if ((at - before) % 2 === 1) return at + 1;
  }
  throw new NotJson();
};

const expect = (bytes: Buffer, at: number, byte: number): number => {
  if (bytes[at] !== byte) throw new NotJson();
  return at + 1;
};

const nameIn = (bytes: Buffer, start: number, end: number): string => {
  const written = bytes.toString("utf8", start, end);
  if (!written.includes("\\")) return written.slice(1, -1);
  const name = parsed(written);
  if (typeof name !== "string") throw new NotJson();
  return name;
};

/** What a value has by name; nothing, where it is no object. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
