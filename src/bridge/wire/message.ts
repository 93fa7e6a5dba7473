import { isSound, membersOf, onOneLine, parsed, textIn, valueIn, wholeOf, type Members } from "./json.ts";

/** One JSON-RPC message as it came, and as much of it as the transport has to know. */
export interface RpcMessage {
  /** On one line, without its end. */
  readonly bytes: Buffer;
  readonly kind: "request" | "notification" | "response";
  /** As written; absent in a notification. */
  readonly id?: string;
  /** Absent in a response. */
  readonly method?: string;
  readonly members: Members;
}

/** @returns undefined for what is no message. */
export const readMessage = (raw: Buffer): RpcMessage | undefined => {
  const bytes = isSound(raw) ? onOneLine(raw) : undefined;
  const members = bytes === undefined ? undefined : membersOf(bytes, wholeOf(bytes));
  if (bytes === undefined || members === undefined) return undefined;
  const id = textIn(bytes, members.get("id"));
  const method = members.has("method") ? valueIn(bytes, members.get("method")) : undefined;
  if (typeof method === "string") {
    return id === undefined
      ? { bytes, members, kind: "notification", method }
      : { bytes, members, kind: "request", method, id };
  }
  const isResponse = id !== undefined && (members.has("result") || members.has("error"));
  return isResponse && method === undefined ? { bytes, members, kind: "response", id } : undefined;
};

const known = new WeakMap<RpcMessage, Members>();

/** What `params` has, or `result`; looked for once, however large it is. */
export const partsOf = (message: RpcMessage): Members => {
  const found = known.get(message);
  if (found !== undefined) return found;
  const { bytes, members } = message;
  const span = members.get("params") ?? members.get("result");
  const parts: Members = (span === undefined ? undefined : membersOf(bytes, span)) ?? new Map();
  known.set(message, parts);
  return parts;
};

/** A member of `params` or `result` taken apart; for what is small. */
export const paramOf = (message: RpcMessage, name: string): unknown =>
  valueIn(message.bytes, partsOf(message).get(name));

/** The same as it is written. */
export const paramTextOf = (message: RpcMessage, name: string): string | undefined =>
  textIn(message.bytes, partsOf(message).get(name));

/** Ids that mean the same may be written otherwise: `"a"` and `"\\u0061"`. */
export const isSameId = (one: string, other: string | undefined): boolean =>
  one === other || (other !== undefined && keyOfId(one) === keyOfId(other));

/** An id as a key of a map. */
export const keyOfId = (id: string): string => (id.startsWith('"') ? JSON.stringify(parsed(id)) : id);

/** JSON-RPC's own codes (section 5.1), and the first that an implementation may give a meaning. */
export const errorCodes = { methodNotFound: -32601, internal: -32603, refused: -32001 } as const;

export const errorTo = (id: string, code: number, message: string): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message })}}`);

/** A message of the bridge's own. */
export const ownMessage = (message: object): RpcMessage => {
  const read = readMessage(Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message })));
  if (read === undefined) throw new Error("A message of the bridge's own is none.");
  return read;
};

export const resultTo = (id: string, result: string): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
