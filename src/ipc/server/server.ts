import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createListener, type Server as Listener } from "node:net";
import type { Duplex } from "node:stream";
import { inBackground } from "../../core/background.ts";
import { untilAborted } from "../../core/abort.ts";
import { LanyardError } from "../../core/errors.ts";
import type { Log } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { readFields } from "./body.ts";
import type { AgentReply, CommandReply } from "../api/protocol.ts";
import { answerMalformed, failure, writeAnswer, type HttpAnswer } from "./respond.ts";
import type { ReadyRequest, Router } from "./route.ts";
import { answerMarginMs, paths, protocolVersion, windowsUpgrade } from "../wire.ts";
import { WorkQueue } from "./workQueue.ts";

export interface ServerOptions {
  /** The path of a socket, or the name of a pipe. */
  readonly address: string;
  readonly key: Secret;
  readonly version: string;
  readonly router: Router;
  /** Whether helpers find this agent: part of how it introduces itself. */
  readonly isLeading?: () => boolean;
  /** Takes over a connection that another window registers by, while this one leads; absent, none can. */
  readonly onWindow?: (connection: Duplex) => void;
  readonly log: Log;
  readonly limits?: Partial<ServerLimits>;
}

export interface ServerLimits {
  /** Requests in work at once; the rest wait in order. */
  readonly inWork: number;
  readonly connections: number;
  readonly headersTimeoutMs: number;
  /** From a request's first byte to its last. */
  readonly requestTimeoutMs: number;
}

const defaultLimits: ServerLimits = {
  inWork: 64,
  connections: 1024,
  headersTimeoutMs: 2000,
  requestTimeoutMs: 4000,
};

const largestHeadBytes = 16 * 1024;
const closeGraceMs = 500;

/** Answers helpers over HTTP/1.1. Everything but the key check is the router's. */
export class AgentServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #queue: WorkQueue;
  readonly #authorization: Buffer;
  /** One for each request in work; aborted with one of the reasons below. */
  readonly #ends = new Set<AbortController>();
  /** The one that took the place of a listener whose socket was swept away. */
  #restored: Listener | undefined;
  /** What becomes of those in work, once it closes. */
  #closingBy: "refuse" | "letGo" | undefined;

  private constructor(options: ServerOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    this.#options = options;
    this.#queue = new WorkQueue(limits.inWork);
    this.#authorization = Buffer.from(`Bearer ${options.key.reveal()}`);
    this.#server = createServer(
      {
        maxHeaderSize: largestHeadBytes,
        headersTimeout: limits.headersTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
        keepAliveTimeout: 5000,
      },
      (request, response) => inBackground("agent.serve", () => this.#serve(request, response)),
    );
    this.#server.maxConnections = limits.connections;
    this.#server.on("clientError", answerMalformed);
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  /** Resolves once it listens. Rejects when the address cannot be listened at. */
  static async listen(options: ServerOptions): Promise<AgentServer> {
    const own = new AgentServer(options);
    await new Promise<void>((resolve, reject) => {
      own.#server.once("error", reject);
      own.#server.listen(options.address, () => {
        own.#server.off("error", reject);
        resolve();
      });
    });
    own.#server.on("error", (error) => options.log.error("agent.server", { error: error.message }));
    return own;
  }

  /** Listens at the address once more: its socket is gone, and what comes to the old one would come to nobody. */
  async relisten(): Promise<void> {
    if (this.#closingBy !== undefined) return;
    // Closing unlinks the path: before the next one makes its socket there.
    this.#restored?.close();
    const listener = createListener((socket) => this.#server.emit("connection", socket));
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(this.#options.address, resolve);
    });
    listener.on("error", (error) => this.#options.log.error("agent.server", { error: error.message }));
    this.#restored = listener;
  }

  /**
   * Whoever still waits is refused with a reason, or let go without a word to ask another window, then the listener
   * closes, which unlinks its socket.
   */
  async close(end: "refuse" | "letGo" = "refuse"): Promise<void> {
    this.#closingBy = end;
    for (const each of this.#ends) each.abort(closing);
    this.#restored?.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const force = setTimeout(() => this.#server.closeAllConnections(), closeGraceMs);
    await closed;
    clearTimeout(force);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      writeAnswer(request, response, await this.#answer(request, response, performance.now()));
    } catch (error) {
      this.#options.log.error("agent.request", { error: String(error) });
      writeAnswer(request, response, failure(500, "internal", "Lanyard failed; its log says more."));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, arrivedMs: number): Promise<HttpAnswer> {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    if (!this.#hasKey(request)) return failure(401, "key", "The key is not the one in the endpoint file.");
    if (path === paths.agent) return { kind: "introduction", introduction: this.#introduce() };
    const route = this.#options.router(path);
    if (route === undefined) return failure(404, "path", "There is nothing at this path.");
    if (request.method !== "POST") return failure(405, "method", "Only POST is answered here.");
    const body = await readFields(request);
    switch (body.kind) {
      case "gone":
        return { kind: "nobody" };
      case "tooLarge":
        return failure(413, "tooLarge", "The request is too large.");
      case "unknownType":
        return failure(415, "type", "Send JSON, or fields that each end with a line feed.");
      case "malformed":
        return failure(400, "malformed", "The request cannot be read.");
      case "body": {
        const prepared = route(body.value);
        if (prepared.kind === "malformed") return failure(400, "malformed", prepared.message);
        return this.#inWork(prepared, response, arrivedMs);
      }
    }
  }

  /** Waits for a place and for the answer, as long as somebody listens and the deadline allows. */
  async #inWork(ready: ReadyRequest, response: ServerResponse, arrivedMs: number): Promise<HttpAnswer> {
    const end = new AbortController();
    const { signal } = end;
    const usableMs = ready.deadlineMs - Math.min(answerMarginMs, ready.deadlineMs / 4);
    const leftMs = (): number => Math.max(0, arrivedMs + usableMs - performance.now());
    const timer = setTimeout(() => end.abort(overdue), leftMs());
    const gone = (): void => end.abort(disconnected);
    response.once("close", gone);
    this.#ends.add(end);
    if (this.#closingBy !== undefined) end.abort(closing);
    try {
      const run = (): Promise<CommandReply> => ready.run(leftMs(), signal);
      const work = ready.isHeld ? run() : this.#queue.run(run, signal);
      const reply = await untilAborted(work, signal);
      return { kind: "reply", reply: reply ?? ready.unfinished("failed") };
    } catch (error) {
      return this.#unfinished(ready, signal, error);
    } finally {
      clearTimeout(timer);
      response.off("close", gone);
      this.#ends.delete(end);
    }
  }

  #unfinished(ready: ReadyRequest, signal: AbortSignal, error: unknown): HttpAnswer {
    if (signal.reason === disconnected || (signal.reason === closing && this.#closingBy === "letGo"))
      return { kind: "nobody" };
    if (signal.reason === closing) return { kind: "reply", reply: ready.unfinished("closing") };
    if (signal.aborted) return { kind: "reply", reply: ready.unfinished("overdue") };
    this.#options.log.error("agent.work", { error: String(error) });
    return { kind: "reply", reply: ready.unfinished("failed") };
  }

  /** A connection of another window: from here on lines of JSON, both ways. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { onWindow, isLeading } = this.#options;
    socket.on("error", () => socket.destroy());
    const isMeant = request.url === paths.windows && request.headers.upgrade === windowsUpgrade;
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    };
    if (!this.#hasKey(request)) {
      refuse("401 Unauthorized");
      return;
    }
    if (!isMeant || onWindow === undefined || this.#closingBy !== undefined) {
      refuse("404 Not Found");
      return;
    }
    if (isLeading?.() === false) {
      refuse("409 Conflict");
      return;
    }
    if (head.byteLength > 0) socket.unshift(head);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${windowsUpgrade}\r\n\r\n`,
    );
    onWindow(socket);
  }

  /** The time it takes tells nothing of the key; how long keys are is no secret. */
  #hasKey(request: IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? "");
    return given.byteLength === this.#authorization.byteLength && timingSafeEqual(given, this.#authorization);
  }

  #introduce(): AgentReply {
    const { version, isLeading } = this.#options;
    const leading = isLeading?.() ?? true;
    return { kind: "agent", protocol: protocolVersion, version, pid: process.pid, leading };
  }
}

const overdue = new LanyardError("timedOut", "The answer would come too late.");
const disconnected = new LanyardError("cancelled", "The one who asked is gone.");
const closing = new LanyardError("cancelled", "The agent is closing.");
