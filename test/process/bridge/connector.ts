/** A connector that misbehaves on request: Streamable HTTP (2025-11-25) with sessions, streams with event ids, and faults. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

interface Rpc {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>> & {
    readonly name?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
  };
  readonly result?: unknown;
  readonly error?: unknown;
}

export interface Seen {
  readonly http: string;
  readonly rpc: string | undefined;
  readonly tool: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly atMs: number;
  /** Of whoever asked: one for each connection. */
  readonly port: number | undefined;
}

export interface Fault {
  readonly http?: string;
  readonly rpc?: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly times?: number;
  readonly delayMs?: number;
}

interface Stream {
  readonly key: string;
  send(message: unknown): void;
  end(): void;
  cut(): void;
}

interface Kept {
  readonly id: string;
  readonly key: string;
  readonly line: string;
}

const say = (value: unknown): string => JSON.stringify(value);

export class OddConnector {
  readonly seen: Seen[] = [];
  readonly faults: { fault: Fault; left: number }[] = [];
  readonly sessions = new Set<string>();
  readonly streams = new Set<Stream>();
  readonly ran = new Map<string, number>();
  /** By bytes, each as it was to be sent: what a test wants answered exactly so. */
  exact = "";
  /** Answers a POST as JSON or as a stream. */
  json = true;
  /** The version it speaks, whatever its client does. */
  version: string | undefined;
  /** The most streams that were open at once for what it says by itself. */
  mostStreams = 0;
  /** Messages of a flood that the network has taken. */
  flooded = 0;
  /** Whether there is a stream for what the server says by itself. */
  hasStream = true;
  tools: readonly unknown[] = [
    { name: "echo", description: "Says what it is told.", inputSchema: { type: "object" } },
  ];
  readonly #kept: Kept[] = [];
  readonly #asked = new Map<unknown, (answer: Rpc) => void>();
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/mcp`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  fault(fault: Fault): void {
    this.faults.push({ fault, left: fault.times ?? 1 });
  }

  of(rpc: string): readonly Seen[] {
    return this.seen.filter((each) => each.rpc === rpc);
  }

  notify(method: string): void {
    for (const stream of this.streams) stream.send({ jsonrpc: "2.0", method });
  }

  /** Asks the client, by the stream. */
  ask(method: string): Promise<Rpc> {
    const id = `s-${randomUUID()}`;
    const [stream] = this.streams;
    stream?.send({ jsonrpc: "2.0", id, method, params: {} });
    return new Promise((resolve) => this.#asked.set(id, resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await textOf(request);
    const message = raw === "" ? undefined : (JSON.parse(raw) as Rpc);
    const { headers, method: http = "" } = request;
    this.seen.push({
      ...{ http, raw, headers, atMs: Date.now(), port: request.socket.remotePort },
      ...{ rpc: message?.method, tool: message?.params?.name },
    });
    if (await this.#isFaulty(http, message, response)) return;
    if (!this.#hasSession(message, String(headers["mcp-session-id"] ?? ""), response)) {
      response.writeHead(404).end();
    } else if (http === "DELETE") {
      this.sessions.delete(String(headers["mcp-session-id"]));
      response.writeHead(204).end();
    } else if (http === "GET") this.#open(request, response);
    else await this.#posted(message ?? {}, raw, response);
  }

  #hasSession(message: Rpc | undefined, session: string, response: ServerResponse): boolean {
    if (message?.method !== "initialize") return this.sessions.has(session);
    const id = randomUUID();
    this.sessions.add(id);
    response.setHeader("mcp-session-id", id);
    return true;
  }

  async #posted(message: Rpc, raw: string, response: ServerResponse): Promise<void> {
    if (message.method !== undefined && message.id !== undefined) {
      await this.#answer(message, raw, response);
      return;
    }
    if (message.method === undefined) this.#asked.get(message.id)?.(message);
    response.writeHead(202).end();
  }

  async #isFaulty(http: string, message: Rpc | undefined, response: ServerResponse): Promise<boolean> {
    const found = this.faults.find(
      ({ fault, left }) =>
        left > 0 &&
        (fault.http === undefined || fault.http === http) &&
        (fault.rpc === undefined || fault.rpc === message?.method),
    );
    if (found === undefined) return false;
    found.left -= 1;
    const { status, headers = {}, body = "", delayMs = 0 } = found.fault;
    await delay(delayMs);
    if (status === 0) response.destroy();
    else response.writeHead(status, headers).end(body);
    return true;
  }

  #open(request: IncomingMessage, response: ServerResponse): void {
    if (!this.hasStream) {
      response.writeHead(405).end();
      return;
    }
    const last = this.#kept.find(({ id }) => id === request.headers["last-event-id"]);
    const stream = this.#stream(response, last?.key ?? "get");
    if (last === undefined || last.key === "get") this.streams.add(stream);
    this.mostStreams = Math.max(this.mostStreams, this.streams.size);
    response.once("close", () => this.streams.delete(stream));
    if (last === undefined) return;
    const missed = this.#kept.slice(this.#kept.indexOf(last) + 1).filter(({ key }) => key === last.key);
    for (const { id, line } of missed) response.write(`id: ${id}\ndata: ${line}\n\n`);
    if (last.key !== "get") response.end();
  }

  #stream(response: ServerResponse, key: string): Stream {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    return {
      key,
      send: (message) => {
        const line = say(message);
        const id = `${key}:${this.#kept.length}`;
        this.#kept.push({ id, key, line });
        if (!response.destroyed) response.write(`id: ${id}\nretry: 50\ndata: ${line}\n\n`);
      },
      end: () => response.end(),
      cut: () => response.destroy(),
    };
  }

  async #answer({ id, method, params }: Rpc, raw: string, response: ServerResponse): Promise<void> {
    const tool = params?.name ?? "";
    if (method === "tools/call") this.ran.set(tool, (this.ran.get(tool) ?? 0) + 1);
    const result = (value: unknown): string => say({ jsonrpc: "2.0", id, result: value });
    const isStreamed = ["steps", "cut", "cutForGood", "hang"].includes(tool) || !this.json;
    if (tool === "flood") {
      await this.#flood(Number(params?.arguments?.["count"]), result({ content: [] }), response);
      return;
    }
    if (!isStreamed) {
      const text =
        tool === "exact"
          ? this.exact.replace('"ID"', say(id))
          : result(await this.#result(method, params, raw));
      response.writeHead(200, { "content-type": "application/json" }).end(text);
      return;
    }
    await this.#streamed(tool, async () => result(await this.#result(method, params, raw)), response);
  }

  /** Messages of a megabyte each, as fast as they are taken. */
  async #flood(count: number, result: string, response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const data = "x".repeat(1024 * 1024);
    for (let each = 0; each < count && !response.destroyed; each += 1) {
      const line = say({ jsonrpc: "2.0", method: "notifications/message", params: { each, data } });
      if (!response.write(`data: ${line}\n\n`)) await once(response, "drain");
      this.flooded += 1;
    }
    response.end(`data: ${result}\n\n`);
  }

  async #streamed(tool: string, result: () => Promise<string>, response: ServerResponse): Promise<void> {
    const stream = this.#stream(response, tool === "cutForGood" ? "" : `post-${randomUUID()}`);
    const said = (data: unknown): void => {
      stream.send({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data } });
    };
    for (let step = 1; tool === "steps" && step <= 5; step += 1) said(step);
    if (tool === "hang") return;
    if (tool === "cut") said("before");
    if (tool === "cut" || tool === "cutForGood") {
      await delay(50);
      stream.cut();
    }
    if (tool !== "cutForGood") stream.send(JSON.parse(await result()));
    stream.end();
  }

  #versionFor(params: Rpc["params"]): unknown {
    return this.version ?? params?.["protocolVersion"];
  }

  async #result(method: string | undefined, params: Rpc["params"], raw: string): Promise<unknown> {
    switch (method) {
      case "initialize":
        return {
          protocolVersion: this.#versionFor(params),
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: "odd", version: "1" },
        };
      case "tools/list":
        return { tools: this.tools, "x-unknown": 7 };
      case "tools/call": {
        const { ms = 0, bytes = 0, text = "" } = params?.arguments ?? {};
        if (Number(ms) > 0) await delay(Number(ms));
        const said = Number(bytes) > 0 ? "é".repeat(Number(bytes) / 2) : String(text);
        return { content: [{ type: "text", text: said }], raw: Number(bytes) > 0 ? "" : raw };
      }
      case undefined:
      default:
        return { got: params ?? null };
    }
  }
}

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
};
