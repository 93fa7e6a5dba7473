import type * as z from "zod";
import type { CredentialHeaders } from "../credentials/grant.ts";
import { parseChallenge } from "../credentials/reply/challenge.ts";
import { pageIn } from "../credentials/reply/page.ts";
import { parseBody } from "../credentials/reply/reply.ts";
import { LanyardError } from "../errors.ts";
import { boundedFetch, type HttpLimits } from "../http.ts";
import type { Clock, Fetch } from "../ports.ts";
import { plainText } from "../text.ts";
import type { Trace } from "../trace.ts";
import {
  initializedSchema,
  isSpoken,
  messageIn,
  offeredVersion,
  replyIn,
  toolPageSchema,
  type Initialized,
  type RpcReply,
} from "./protocol.ts";
import { isOldStream, mayBeOldTransport } from "./oldTransport.ts";
import { endAfter, eventsIn } from "./sse.ts";

/** Why there is no result. */
export type McpFailure =
  /** The server wants another credential, or none of ours (401, 403). `reason` is its own word. */
  | { readonly kind: "refused"; readonly status: number; readonly reason?: string }
  /** A page for people came, of whoever stands before the server; `server` is what it calls itself, or empty. */
  | { readonly kind: "page"; readonly status: number; readonly server: string }
  /** No answer came that could be used: network, time, size, redirect. `reason` is a sentence. */
  | { readonly kind: "unreachable"; readonly reason: string }
  | { readonly kind: "status"; readonly status: number; readonly reason?: string }
  /** It has the stream of the older transport (HTTP+SSE). */
  | { readonly kind: "oldTransport" }
  /** What answered does not speak the protocol. */
  | { readonly kind: "notMcp" }
  | { readonly kind: "version"; readonly version: string }
  /** The server answered with a JSON-RPC error. */
  | { readonly kind: "error"; readonly code: number; readonly reason: string };

export type McpResult<T> = { readonly kind: "ok"; readonly value: T } | McpFailure;

export interface McpServerAddress {
  readonly url: string;
  readonly headers: CredentialHeaders;
  readonly trace: Trace;
}

export interface McpPorts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** For each request. */
  readonly limits?: Partial<HttpLimits>;
}

interface Message {
  /** Absent in a notification, which has no reply. */
  readonly id?: number;
  readonly method: string;
  readonly params?: unknown;
}

const mostPages = 20;
const farewellMs = 2_000;
const clientInfo = { name: "lanyard", version: "1" };

/**
 * As much of an MCP client (Streamable HTTP) as a test needs: `initialize`, `tools/list`, and a session that is ended.
 * Requests are bounded in size and time, redirects are not followed, and what a server says comes back as plain text
 * without the credential, should it repeat it.
 */
export class McpClient {
  readonly #address: McpServerAddress;
  readonly #ports: McpPorts;
  readonly #shown: (text: string) => string;
  #session: { readonly id?: string; readonly version?: string } = {};
  #nextId = 1;

  constructor(address: McpServerAddress, ports: McpPorts) {
    this.#address = address;
    this.#ports = ports;
    this.#shown = wordsWithout(address.headers);
  }

  async initialize(signal: AbortSignal): Promise<McpResult<Initialized>> {
    const params = { protocolVersion: offeredVersion, capabilities: {}, clientInfo };
    const result = await this.#request("initialize", params, initializedSchema, signal);
    if (result.kind === "status" && mayBeOldTransport(result.status) && (await this.#isOld(signal)))
      return { kind: "oldTransport" };
    if (result.kind !== "ok") return result;
    const { protocolVersion: version, serverInfo } = result.value;
    if (!isSpoken(version)) return { kind: "version", version: this.#shown(version) };
    this.#session = { ...this.#session, version };
    const noticed = await this.#send({ method: "notifications/initialized" }, signal);
    if (!(noticed instanceof Response)) return noticed;
    const name = this.#shown(serverInfo.name);
    return { kind: "ok", value: { ...result.value, serverInfo: { ...serverInfo, name } } };
  }

  /** The names of the tools, over all pages. */
  async listTools(signal: AbortSignal): Promise<McpResult<readonly string[]>> {
    const names: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const result = await this.#request("tools/list", params, toolPageSchema, signal);
      if (result.kind !== "ok") return result;
      names.push(...result.value.tools.map(({ name }) => this.#shown(name)));
      cursor = result.value.nextCursor;
      if (cursor === undefined) break;
    }
    return { kind: "ok", value: names };
  }

  /** Ends the server's session, if it gave one. Servers need not allow it, so nothing is made of the answer. */
  async close(): Promise<void> {
    if (this.#session.id === undefined) return;
    const { url } = this.#address;
    const { fetch, clock } = this.#ports;
    const bounded = boundedFetch(fetch, clock, { timeoutMs: farewellMs });
    await bounded(url, { method: "DELETE", headers: this.#headers() }).catch(() => undefined);
    this.#session = {};
  }

  /** Its stream stays open: of what it says, the beginning is enough. */
  async #isOld(signal: AbortSignal): Promise<boolean> {
    const fetch: Fetch = async (url, init) => {
      const response = await this.#ports.fetch(url, init);
      const reader = response.body?.getReader();
      const first = isEventStream(response) ? await reader?.read() : undefined;
      await reader?.cancel();
      return new Response(first?.value, { headers: response.headers });
    };
    const bounded = boundedFetch(fetch, this.#ports.clock, this.#ports.limits);
    const stream = await bounded(this.#address.url, { headers: this.#headers(), signal }).catch(
      () => undefined,
    );
    return stream !== undefined && isOldStream(stream.headers.get("content-type"), await stream.text());
  }

  async #request<T>(
    method: string,
    params: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<McpResult<T>> {
    const id = this.#nextId++;
    const response = await this.#send({ id, method, params }, signal);
    if (!(response instanceof Response)) return response;
    const text = await response.text();
    const reply = isEventStream(response)
      ? eventsIn(text)
          .map((data) => replyIn(data, id))
          .find((each) => each !== undefined)
      : replyIn(text, id);
    if (method === "initialize") this.#adoptSession(response.headers.get("mcp-session-id"));
    return this.#resultOf(reply, schema);
  }

  #resultOf<T>(reply: RpcReply | undefined, schema: z.ZodType<T>): McpResult<T> {
    if (reply === undefined) return { kind: "notMcp" };
    if ("error" in reply) {
      return { kind: "error", code: reply.error.code, reason: this.#shown(reply.error.message) };
    }
    const result = schema.safeParse(reply.result);
    return result.success ? { kind: "ok", value: result.data } : { kind: "notMcp" };
  }

  /** Visible ASCII only (MCP, "Session Management"): anything else could not be sent back. */
  #adoptSession(id: string | null): void {
    if (id !== null && /^[\x21-\x7e]{1,512}$/.test(id)) this.#session = { ...this.#session, id };
  }

  /** @throws LanyardError `cancelled` */
  async #send(message: Message, signal: AbortSignal): Promise<Response | McpFailure> {
    const { clock, limits } = this.#ports;
    const post = boundedFetch(this.#untilReplyTo(message.id), clock, limits);
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    try {
      const response = await post(this.#address.url, {
        method: "POST",
        headers: this.#headers(),
        body,
        signal,
      });
      return response.ok ? response : await this.#failureOf(response);
    } catch (error) {
      if (!(error instanceof LanyardError) || error.code === "cancelled") throw error;
      return { kind: "unreachable", reason: error.message };
    }
  }

  /** A server may keep the stream of its reply open: what comes after the reply is not waited for. */
  #untilReplyTo(id: number | undefined): Fetch {
    const { fetch } = this.#ports;
    return async (url, init) => {
      const response = await fetch(url, init);
      if (id === undefined || response.body === null || !isEventStream(response)) return response;
      const { status, statusText, headers } = response;
      const body = response.body.pipeThrough(endAfter((data) => replyIn(data, id) !== undefined));
      return new Response(body, { status, statusText, headers });
    };
  }

  async #failureOf(response: Response): Promise<McpFailure> {
    const { status, headers } = response;
    const challenge = parseChallenge(headers.get("www-authenticate"));
    const text = await response.text();
    const page =
      status === 403 && challenge === undefined ? pageIn(headers, text, parseBody(text, "json")) : undefined;
    if (page !== undefined) return { kind: "page", status, server: page.server };
    const said = challenge?.["error_description"] ?? messageIn(text) ?? challenge?.["error"] ?? "";
    const reason = said === "" ? {} : { reason: this.#shown(said) };
    return { kind: status === 401 || status === 403 ? "refused" : "status", status, ...reason };
  }

  #headers(): Record<string, string> {
    const { headers, trace } = this.#address;
    const { id, version } = this.#session;
    return {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      traceparent: trace.traceparent(),
      ...(id === undefined ? {} : { "mcp-session-id": id }),
      ...(version === undefined ? {} : { "mcp-protocol-version": version }),
    };
  }
}

/** A server's words as plain text, without the credential that it was sent. */
const wordsWithout = (headers: CredentialHeaders): ((text: string) => string) => {
  const secrets = Object.values(headers).flatMap((value) => {
    const whole = value.reveal();
    return [whole, ...whole.split(/\s+/)].filter((part) => part.length >= 8);
  });
  return (text) =>
    plainText(
      secrets.reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text),
      200,
    );
};

const isEventStream = ({ headers }: Response): boolean =>
  /^\s*text\/event-stream\s*(?:;|$)/i.test(headers.get("content-type") ?? "");
