import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import * as z from "zod";

/** The one credential that counts. */
export const goodCredential = "Bearer recorded";

/** A connector that answers whoever asks, and counts who came without a credential. */
export interface Recorder {
  readonly port: number;
  readonly requests: readonly { readonly what: string; readonly hasCredential: boolean }[];
}

export interface Recorders extends AsyncDisposable {
  /** One more connector, on a port of its own: whatever comes there, discovery too, is meant for it. */
  open(credential?: string): Promise<Recorder>;
}

export const startRecorders = (): Recorders => {
  const servers: Server[] = [];
  return {
    open: async (credential = goodCredential) => {
      const requests: Recorder["requests"][number][] = [];
      const note = ({ method = "", url = "", headers }: IncomingMessage): void =>
        void requests.push({
          what: `${method} ${url}`,
          hasCredential: headers.authorization === credential,
        });
      const server = createServer((request, response) => {
        note(request);
        answer(request, response).catch(() => response.destroy());
      });
      server.on("upgrade", (request: IncomingMessage, socket) => {
        note(request);
        socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      });
      servers.push(server);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return { port: (server.address() as AddressInfo).port, requests };
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      }
    },
  };
};

const question = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string(),
  params: z.looseObject({ protocolVersion: z.string().optional() }).optional(),
});

/** Enough of the Model Context Protocol to be called connected over Streamable HTTP; the other ways find nothing. */
const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.method !== "POST" || request.url !== "/mcp") {
    response.writeHead(404).end();
    return;
  }
  const { id, method, params } = question.parse(await json(request));
  if (id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const { protocolVersion } = params ?? {};
  const outcome =
    method === "initialize"
      ? { result: { protocolVersion, capabilities: {}, serverInfo: { name: "recorder", version: "1" } } }
      : { error: { code: -32601, message: "There is no such method." } };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id, ...outcome }));
};
