import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

/** An HTTP server of one test's own. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** Every request that came. */
  readonly requests: readonly IncomingMessage[];
  /** How many connections are open. */
  connections(): Promise<number>;
}

export const listen = async (answer: RequestListener): Promise<TestServer> => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    requests,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export interface McpOptions {
  readonly enableJsonResponse?: boolean;
  readonly hasSessions?: boolean;
  readonly tools?: readonly string[];
  /** Told of each session that the client ends. */
  readonly onClosed?: (session: string) => void;
}

/** The SDK's own server. Without sessions it is a new one for each request, as the SDK wants it. */
export const listenMcp = async (options: McpOptions = {}): Promise<TestServer> => {
  const { enableJsonResponse = false, hasSessions = false, tools = ["whoami"], onClosed } = options;
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      enableJsonResponse,
      ...(hasSessions ? { sessionIdGenerator: () => randomUUID() } : {}),
      ...(onClosed === undefined ? {} : { onsessionclosed: onClosed }),
    });
    const server = new McpServer({ name: "acme-test", version: "1.0.0" });
    for (const name of tools) server.registerTool(name, {}, () => ({ content: [] }));
    await server.connect(transport);
    return transport;
  };
  const shared = hasSessions ? await open() : undefined;
  return listen((request, response) => {
    void (async () => (shared ?? (await open())).handleRequest(request, response))();
  });
};
