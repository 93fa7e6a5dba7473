import type { IncomingMessage } from "node:http";
import { decodeFields, fieldsType } from "./wire.ts";

export const largestRequestBytes = 64 * 1024;

export type Body =
  | { readonly kind: "body"; readonly value: unknown }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "malformed" }
  | { readonly kind: "unknownType" }
  /** The other side went away before it had said everything. */
  | { readonly kind: "gone" };

/** Reads a request's fields, in either of the two ways to write them. Never throws. */
export const readBody = async (request: IncomingMessage): Promise<Body> => {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== fieldsType && type !== "application/json") return { kind: "unknownType" };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) return { kind: "malformed" };
      size += chunk.byteLength;
      if (size > largestRequestBytes) return { kind: "tooLarge" };
      chunks.push(chunk);
    }
  } catch {
    return { kind: "gone" };
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return type === fieldsType ? bodyOf(decodeFields(text)) : bodyOf(parsed(text));
};

const bodyOf = (value: unknown): Body =>
  value === undefined ? { kind: "malformed" } : { kind: "body", value };

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
