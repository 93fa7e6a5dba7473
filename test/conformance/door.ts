/** Streamable HTTP of both eras before a conversation: the same door for a server itself and for a bridge to one. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkHeaders } from "../../demo/mcp/headerCheck.ts";
import { paramHeaders } from "./lists.ts";
import { Room } from "./room.ts";
import { fields, modernRevision, names, RpcError, type Converse, type Rpc } from "../../demo/mcp/wire.ts";

export interface DoorOptions {
  readonly converse: Converse;
  /** Whether the answer to this request breaks off. */
  readonly cuts?: (request: Rpc) => boolean;
  /** Whether the session is forgotten when this request comes, the so-many-th. */
  readonly drops?: (count: number) => boolean;
  readonly authorization?: string;
}

/** A request as it came. */
export interface Asked {
  readonly http: string;
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
}

const say = (value: object): string => JSON.stringify({ jsonrpc: "2.0", ...value });

export class Door {
  readonly #options: DoorOptions;
  readonly #rooms = new Map<string, Room>();
  #modern: Room | undefined;
  #asked = 0;
  /** Answers nothing. */
  hangs = false;
  readonly requests: Asked[] = [];
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/mcp`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    const rooms = [...this.#rooms.values(), ...(this.#modern === undefined ? [] : [this.#modern])];
    await Promise.all(rooms.map((room) => room.close()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await textOf(request);
    const { headers, method: http = "" } = request;
    const { authorization } = this.#options;
    const message = raw === "" ? undefined : readRpc(raw);
    this.requests.push({ http, headers, raw, method: message?.method });
    if (this.hangs) return;
    if (!isLocal(request)) end(response, 403);
    else if (authorization !== undefined && headers.authorization !== authorization) end(response, 401);
    else if (raw !== "" && message === undefined) refuse(response, 400, { id: null, ...parseError });
    else if (http === "POST" && message !== undefined && isModern(request, message))
      this.#modernPost(request, response, message);
    else if (message?.method === "initialize") this.#begin(response, message, raw);
    else this.#sessional(request, response, message, raw);
  }

  #modernPost(request: IncomingMessage, response: ServerResponse, message: Rpc): void {
    const { id } = message;
    if (id === undefined) {
      end(response, 202);
      return;
    }
    try {
      checkHeaders(request.headers, message, paramHeaders);
    } catch (error) {
      const { code = -32603, message: why = "" } = error instanceof RpcError ? error : {};
      refuse(response, 400, { id, error: { code, message: why } });
      return;
    }
    this.#modern ??= this.#room();
    this.#modern.askModern(message, response, this.#options.cuts?.(message) ?? false);
  }

  #begin(response: ServerResponse, message: Rpc, raw: string): void {
    const id = randomUUID();
    const room = this.#room();
    this.#rooms.set(id, room);
    room.begin(message, raw, response, id);
  }

  #sessional(
    request: IncomingMessage,
    response: ServerResponse,
    message: Rpc | undefined,
    raw: string,
  ): void {
    const sid = textOfHeader(request.headers["mcp-session-id"]);
    const isRequest = message?.method !== undefined && message.id !== undefined;
    // What it has begun it goes on with; who comes anew is nobody it knows.
    if (isRequest && this.#options.drops?.((this.#asked += 1)) === true) this.#rooms.delete(sid);
    const room = this.#rooms.get(sid);
    if (room === undefined) {
      const error = { code: -32001, message: "Session not found" };
      refuse(response, sid === "" ? 400 : 404, { id: message?.id ?? null, error });
    } else if (request.method === "DELETE") {
      this.#rooms.delete(sid);
      end(response, 200);
      room.close().catch(() => undefined);
    } else if (request.method === "GET") {
      room.listen(response, textOfHeader(request.headers["last-event-id"]));
    } else if (isRequest) room.ask(message, raw, response, this.#options.cuts?.(message) ?? false);
    else {
      room.tell(raw);
      end(response, 202);
    }
  }

  #room(): Room {
    return new Room(this.#options.converse);
  }
}

const textOfHeader = (value: string | readonly string[] | undefined): string =>
  typeof value === "string" ? value : "";

const end = (response: ServerResponse, status: number): void => {
  response.writeHead(status).end();
};

const parseError = { error: { code: -32700, message: "Parse error" } };

const refuse = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(say(body));
};

const readRpc = (raw: string): Rpc | undefined => {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isModern = ({ headers }: IncomingMessage, { params }: Rpc): boolean =>
  fields(params?._meta)[names.version] !== undefined ||
  headers["mcp-protocol-version"] === modernRevision ||
  headers["mcp-method"] !== undefined;

/** "Security": a page of another origin, or a name that was bound anew, gets nothing. */
const isLocal = ({ headers }: IncomingMessage): boolean => {
  const local = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
  const { host = "", origin } = headers;
  return local.test(host) && (origin === undefined || local.test(origin.replace(/^https?:\/\//, "")));
};

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
};
