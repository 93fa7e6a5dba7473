import type { IncomingMessage } from "node:http";
import { decodeFields, fieldsType } from "../wire.ts";

const largestRequestBytes = 64 * 1024;

export type Body =
  | { readonly kind: "body"; readonly value: unknown }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "malformed" }
  | { readonly kind: "unknownType" }
  /** The other side went away before it had said everything. */
  | { readonly kind: "gone" };

/** Reads a request's fields, in either of the two ways to write them. Never throws. */
export const readFields = async (request: IncomingMessage): Promise<Body> => {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== fieldsType && type !== "application/json") return { kind: "unknownType" };
  const chunks = await chunksOf(request);
  if (typeof chunks === "string") return { kind: chunks };
  const text = Buffer.concat(chunks).toString("utf8");
  return type === fieldsType ? bodyOf(decodeFields(text)) : bodyOf(parsed(text));
};

/** By events: an async iterator costs more than all the rest of a small request. */
const chunksOf = (request: IncomingMessage): Promise<readonly Buffer[] | "tooLarge" | "gone"> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size <= largestRequestBytes) return;
      request.off("data", take).pause();
      resolve("tooLarge");
    };
    request.on("data", take);
    request.once("end", () => resolve(chunks));
    request.once("error", () => resolve("gone"));
    request.once("close", () => resolve("gone"));
  });

const bodyOf = (value: unknown): Body =>
  value === undefined ? { kind: "malformed" } : { kind: "body", value };

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
