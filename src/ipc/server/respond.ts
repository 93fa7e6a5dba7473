import { errnoOf } from "../../core/errors.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { terminalText } from "../../core/text.ts";
import type { AgentReply, ErrorReply, CommandReply } from "../api/protocol.ts";
import { plainReplyType } from "../wire.ts";

/** How long a client may take to read what was written to it. */
const readTimeoutMs = 5000;
/** A client that still sends has this long to see the answer before its connection goes. */
const lingerMs = 200;

/** What becomes of one request. */
export type HttpAnswer =
  | { readonly kind: "reply"; readonly reply: CommandReply }
  | { readonly kind: "introduction"; readonly introduction: AgentReply }
  | { readonly kind: "failure"; readonly status: number; readonly error: ErrorReply["error"] }
  /** Nobody listens any more. */
  | { readonly kind: "nobody" };

export const failure = (status: number, code: string, message: string): HttpAnswer => ({
  kind: "failure",
  status,
  error: { code, message },
});

/** The one door to what a terminal shows. Replies as a shell takes them apart, or as JSON, by what the client accepts; everything else as JSON. */
export const writeAnswer = (request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void => {
  switch (answer.kind) {
    case "nobody":
      response.destroy();
      return;
    case "introduction":
      write(response, 200, jsonType, JSON.stringify(answer.introduction));
      return;
    case "failure":
      // The rest of a request that is refused half-way is not read.
      if (!request.complete) response.setHeader("connection", "close");
      write(response, answer.status, jsonType, JSON.stringify({ error: answer.error } satisfies ErrorReply));
      return;
    case "reply": {
      const { reply } = answer;
      const isPlain = (request.headers.accept ?? "").includes(plainReplyType);
      if (isPlain)
        write(
          response,
          200,
          `${plainReplyType}; charset=utf-8`,
          `${reply.exitCode}\n${terminalText(reply.text)}`,
        );
      else write(response, 200, jsonType, terminalText(JSON.stringify(reply)));
    }
  }
};

const jsonType = "application/json";

const write = (response: ServerResponse, status: number, type: string, body: string): void => {
  if (response.destroyed) return;
  // Node destroys a socket that stays idle for so long, and sets the keep-alive time once the answer is out.
  response.socket?.setTimeout(readTimeoutMs);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
};

/**
 * Codes of connections that are dropped without a word. A window that was stuck for seconds counts those as too slow that
 * it has only not read yet: told nothing, they ask once more.
 */
const droppedCodes: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "ERR_HTTP_REQUEST_TIMEOUT"]);

/** What Node's parser refuses is answered too, so that nobody waits for nothing. */
export const answerMalformed = (error: Error, socket: Duplex): void => {
  if (!socket.writable || droppedCodes.has(errnoOf(error))) {
    socket.destroy();
    return;
  }
  const status =
    errnoOf(error) === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
  const reply: ErrorReply = { error: { code: "malformed", message: "The request cannot be read." } };
  const body = JSON.stringify(reply);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), lingerMs).unref();
};
