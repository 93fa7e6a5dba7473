/** One conversation behind a door: which line goes out by which stream. */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Stream } from "./stream.ts";
import { fields, names, type Conversation, type Converse, type Rpc } from "../../demo/mcp/wire.ts";

interface Waiting {
  /** The id as the client has it. */
  readonly id: Rpc["id"];
  readonly token: unknown;
  /** What comes before the answer. */
  event(line: string): void;
  answer(line: string, answer: Rpc): void;
}

/** The statuses that 2026-07-28 wants of errors. */
const statusOf: ReadonlyMap<number, number> = new Map([
  [-32601, 404],
  [-32602, 400],
  [-32020, 400],
  [-32021, 400],
  [-32022, 400],
]);

export class Room {
  readonly #conversation: Conversation;
  readonly #waiting = new Map<Rpc["id"], Waiting>();
  readonly #streams = new Map<string, Stream>();
  /** What belongs to no request. */
  readonly #own = new Stream({ key: `own-${randomUUID()}`, ids: true, cut: false });
  #next = 1;

  constructor(converse: Converse) {
    this.#streams.set(this.#own.key, this.#own);
    this.#conversation = converse((line) => this.#take(line));
  }

  close(): Promise<void> {
    this.#own.end();
    return this.#conversation.close();
  }

  tell(raw: string): void {
    this.#conversation.send(raw);
  }

  /** `initialize`: its answer alone is no stream. */
  begin(message: Rpc, raw: string, response: ServerResponse, session: string): void {
    this.#waiting.set(message.id, {
      ...{ id: message.id, token: undefined },
      event: (line) => this.#own.send(line),
      answer: (line, { result }) => {
        const head = { "content-type": "application/json" };
        const status = result === undefined ? 400 : 200;
        response
          .writeHead(status, result === undefined ? head : { ...head, "mcp-session-id": session })
          .end(line);
      },
    });
    this.#conversation.send(raw.replaceAll("\n", " "));
  }

  ask(message: Rpc, raw: string, response: ServerResponse, cut: boolean): void {
    const stream = new Stream({ key: randomUUID(), ids: true, cut });
    this.#streams.set(stream.key, stream);
    stream.attach(response);
    // The server leaves, and is asked for the rest ("server-sse-polling").
    if (message.params?.name === "test_reconnection") {
      stream.prime(100);
      response.end();
    }
    this.#waiting.set(message.id, {
      ...{ id: message.id, token: fields(message.params?._meta)["progressToken"] },
      event: (line) => stream.send(line),
      answer: (line) => {
        stream.send(line);
        stream.end();
      },
    });
    this.#conversation.send(raw.replaceAll("\n", " "));
  }

  listen(response: ServerResponse, last: string): void {
    const [key = "", index = ""] = last.split("~");
    const stream = key === "" ? this.#own : this.#streams.get(key);
    if (stream === undefined) response.writeHead(400).end();
    else if (stream === this.#own && stream.isOpen && last === "") response.writeHead(409).end();
    else stream.attach(response, last === "" ? 0 : Number(index) + 1);
  }

  /** One room for all of them: ids are made unique on the way, and a client that leaves has cancelled. */
  askModern(message: Rpc, response: ServerResponse, cut: boolean): void {
    const id = `m-${this.#next++}`;
    const stream = new Stream({ key: id, ids: false, cut });
    const event = (line: string): void => {
      if (!response.headersSent) stream.attach(response);
      stream.send(line.replaceAll(JSON.stringify(id), JSON.stringify(message.id)));
    };
    if (message.method === "subscriptions/listen") stream.attach(response);
    this.#waiting.set(id, {
      ...{ id: message.id, token: fields(message.params?._meta)["progressToken"] },
      event,
      answer: (line, { error }) => {
        if (response.headersSent || cut) {
          event(line);
          stream.end();
          return;
        }
        const status = error === undefined ? 200 : (statusOf.get(error.code) ?? 200);
        response.writeHead(status, { "content-type": "application/json" }).end(line);
      },
    });
    response.once("close", () => {
      if (!this.#waiting.delete(id)) return;
      const cancelled = { method: "notifications/cancelled", params: { requestId: id } };
      this.#conversation.send(JSON.stringify({ jsonrpc: "2.0", ...cancelled }));
    });
    this.#conversation.send(JSON.stringify({ ...message, id }));
  }

  #take(line: string): void {
    const message = JSON.parse(line) as Rpc;
    if (message.method === undefined) {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      waiting?.answer(
        waiting.id === message.id ? line : JSON.stringify({ ...message, id: waiting.id }),
        message,
      );
      return;
    }
    const all = [...this.#waiting.values()];
    const { progressToken, _meta } = message.params ?? {};
    const subscription = fields(_meta)[names.subscription];
    const ofToken =
      progressToken === undefined ? undefined : all.find(({ token }) => token === progressToken);
    const isOwn = /list_changed$|resources\/updated$/.test(message.method);
    const to =
      subscription === undefined
        ? (ofToken ?? (isOwn ? undefined : all.at(-1)))
        : this.#waiting.get(subscription as string);
    if (to === undefined) this.#own.send(line);
    else to.event(line);
  }
}
