import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { PageReply } from "../http/reply.ts";
import { type Caller, type Tool, toolsOf } from "./tools.ts";

/**
 * Answers one request of the Model Context Protocol (Streamable HTTP). Stateless: each request has a
 * server of its own, so that nothing outlives a credential.
 */
export const answerMcp = async (
  caller: Caller,
  headers: Readonly<Record<string, string>>,
  message: unknown,
): Promise<PageReply> => {
  const server = new McpServer({ name: `acme-${caller.connector}`, version: "1.0.0" });
  for (const tool of toolsOf(caller.connector)) register(server, tool, caller);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    const request = new Request("http://127.0.0.1/mcp", { method: "POST", headers });
    const response = await transport.handleRequest(request, { parsedBody: message });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  } finally {
    await server.close();
  }
};

const register = (server: McpServer, tool: Tool, caller: Caller): void => {
  const { name, description, input } = tool;
  server.registerTool(
    name,
    { description, inputSchema: input },
    (args: Readonly<Record<string, unknown>>) => ({
      content: [{ type: "text", text: tool.run(args, caller) }],
    }),
  );
};
