import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { escape, page } from "./page.ts";
import { html, oauthError, type PageReply, writeReply } from "./reply.ts";
import { RequestError } from "./request.ts";

/** One request on its way to a route. */
export interface RouteCall {
  readonly request: IncomingMessage;
  readonly url: URL;
  /** What the `:names` of the route's path matched, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** A method and a path such as `/api/users/:name/revoke`, and what answers it. */
export interface DemoRoute {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly answer: (call: RouteCall) => PageReply | Promise<PageReply>;
}

export interface RouterOptions {
  /** `http://HOST:PORT` of the listener. A request for another host is refused (DNS rebinding). */
  readonly origin: string;
  readonly routes: readonly DemoRoute[];
  readonly log: (line: string) => void;
}

/**
 * Answers by the first route that fits. Requests from another origin, or with another host, never reach a
 * route. A RequestError becomes a reply with its message; anything else is a 500 and a line in the log.
 */
export const router = (options: RouterOptions): RequestListener => {
  return (request, response) => {
    void respond(options, request, response);
  };
};

const respond = async (
  options: RouterOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    writeReply(response, await dispatch(options, request, gone.signal));
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!(error instanceof RequestError)) options.log(`${request.method ?? ""} failed: ${String(error)}`);
    writeReply(response, failure(error, request));
  }
};

const failure = (error: unknown, request: IncomingMessage): PageReply => {
  const known = error instanceof RequestError;
  const status = known ? error.status : 500;
  const message = known ? error.message : "Something broke at Acme. Its log says more.";
  return (request.headers.accept ?? "").includes("text/html")
    ? html(status, page({ title: "That did not work", body: `<p>${escape(message)}</p>` }))
    : oauthError(status, known ? "invalid_request" : "server_error", message);
};

const dispatch = (
  options: RouterOptions,
  request: IncomingMessage,
  signal: AbortSignal,
): PageReply | Promise<PageReply> => {
  const refusal = crossOrigin(request, options.origin);
  if (refusal !== undefined) throw new RequestError(403, refusal);
  const url = new URL(request.url ?? "/", options.origin);
  let otherMethod: string | undefined;
  for (const route of options.routes) {
    const params = match(route.path, url.pathname);
    if (params === undefined) continue;
    if (route.method === request.method) return route.answer({ request, url, params, signal });
    otherMethod = route.method;
  }
  if (otherMethod !== undefined) throw new RequestError(405, `This address answers ${otherMethod}.`);
  throw new RequestError(404, "There is nothing at this address.");
};

/** Why the request must not be answered, or undefined. Programs send no Origin; browsers always do on a POST. */
const crossOrigin = (request: IncomingMessage, origin: string): string | undefined => {
  if (request.headers.host !== new URL(origin).host) return "This host name is not Acme's.";
  const from = request.headers.origin;
  if (from !== undefined && from !== origin) return "Requests from other sites are refused.";
  const site = request.headers["sec-fetch-site"];
  const safe = request.method === "GET" || site === undefined || site === "same-origin" || site === "none";
  return safe ? undefined : "Requests from other sites are refused.";
};

const match = (pattern: string, pathname: string): Record<string, string> | undefined => {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!part.startsWith(":")) {
      if (part !== value) return undefined;
      continue;
    }
    const decoded = decode(value);
    if (decoded === undefined || decoded === "") return undefined;
    params[part.slice(1)] = decoded;
  }
  return params;
};

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
