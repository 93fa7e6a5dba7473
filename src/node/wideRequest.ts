// By these names and no others does the editor put its proxy and certificates into them.
import * as http from "http";
import * as https from "https";
import { once } from "node:events";

/** A reply's headers: 64 kB of cookies, and what else there is. */
const maxHeaderSize = 128 * 1024;

/** Statuses that a `Response` takes without a body only. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

/** One request by Node's `http` or `https`, which read as many header bytes as they are told to. No redirect is followed. */
export const wideRequest = async (url: string, init: RequestInit): Promise<Response> => {
  const { method, headers, signal } = new Request(url, { ...init, body: null });
  const body = init.body === undefined || init.body === null ? undefined : new Response(init.body);
  const type = body?.headers.get("content-type");
  if (type !== undefined && type !== null && !headers.has("content-type")) headers.set("content-type", type);
  // Nothing here would undo a compression.
  headers.set("accept-encoding", "identity");
  const { request } = url.startsWith("https:") ? https : http;
  const bytes = body === undefined ? undefined : Buffer.from(await body.arrayBuffer());
  signal.throwIfAborted();
  const sent = request(url, { method, headers: Object.fromEntries(headers), maxHeaderSize });
  // Whoever waits or reads hears of an end; nobody else has to.
  sent.on("error", () => undefined);
  const end = (): void => {
    sent.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
  sent.once("close", () => signal.removeEventListener("abort", end));
  sent.end(bytes);
  const [reply] = (await once(sent, "response")) as [http.IncomingMessage];
  reply.on("error", () => undefined);
  return responseOf(reply);
};

const responseOf = (reply: http.IncomingMessage): Response => {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(reply.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  const status = reply.statusCode ?? 0;
  const init = { status, statusText: reply.statusMessage ?? "", headers };
  if (!bodiless.has(status)) return new Response(bodyOf(reply), init);
  reply.resume();
  return new Response(null, init);
};

const bodyOf = (reply: AsyncIterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const chunks = reply[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const chunk = await chunks.next();
      if (chunk.done === true) controller.close();
      else controller.enqueue(chunk.value);
    },
    cancel: async () => {
      await chunks.return?.();
    },
  });
};
