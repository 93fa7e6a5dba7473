import type { IncomingMessage } from "node:http";

/** A request that cannot be understood; the router answers with its status and message. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
  }
}

/** The whole body as text. Throws a RequestError (413) past `limitBytes`. */
export const readBodyText = async (
  request: IncomingMessage,
  limitBytes: number = 64 * 1024,
): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > limitBytes) throw new RequestError(413, `The body is larger than ${limitBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
};

/** The fields of a form. A field that occurs twice has its first value, unless named in `repeatable`. */
export const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new RequestError(415, "Send the fields as application/x-www-form-urlencoded.");
  }
  return new URLSearchParams(await readBodyText(request));
};

/** The JSON of the body. Throws a RequestError (400) when it is not JSON. */
export const readJson = async (request: IncomingMessage, limitBytes?: number): Promise<unknown> => {
  return parseJson(await readBodyText(request, limitBytes));
};

/** Throws a RequestError (400) when the text is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RequestError(400, "The body is not JSON.");
  }
};

/** Trace id of the request (W3C Trace Context), or null when the caller sent none. */
export const traceIdOf = (header: string | string[] | undefined): string | null =>
  typeof header === "string"
    ? (/^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(header)?.[1] ?? null)
    : null;

/** Nobody wants a credential now: the caller only looks, and nothing is to be sent to anybody for it. */
export const prefersNoPush = (header: string | string[] | undefined): boolean =>
  /(?:^|,)\s*no-push\s*(?:[,;]|$)/i.test(Array.isArray(header) ? header.join(",") : (header ?? ""));

/** Seconds that the caller is willing to wait for a change (RFC 7240 section 4.3), at most 60. */
export const preferredWaitSeconds = (header: string | string[] | undefined): number => {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  const found = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?/i.exec(text)?.[1];
  return found === undefined ? 0 : Math.min(Number(found), 60);
};
