import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";

export interface OldServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
}

/** The SDK's own server of MCP's older transport (HTTP+SSE, 2024-11-05): a stream at one address, messages to another. */
export const startOldServer = async (refusesWith = 405): Promise<OldServer> => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    if (request.method !== "GET") {
      response.writeHead(refusesWith).end("Not here");
      return;
    }
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
    const transport = new SSEServerTransport("/messages", response);
    new McpServer({ name: "old", version: "1.0.0" }).connect(transport).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
