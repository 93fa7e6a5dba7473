/**
 * A client without a bridge, as a process: begins at the connector by HTTP, and prints its list of tools. Given
 * `serve`, it is the connector: it answers after so many milliseconds, and prints its URL.
 */
import { once } from "node:events";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

const read = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
};

const answerTo = (method: string | undefined): object =>
  method === "initialize"
    ? {
        protocolVersion: "2025-11-25",
        capabilities: { tools: {} },
        serverInfo: { name: "near", version: "1" },
      }
    : { tools: [{ name: "echo", inputSchema: { type: "object" } }], content: [] };

const serve = async (awayMs: number): Promise<void> => {
  const server = createServer((incoming, response) => {
    read(incoming).then(
      (raw) => {
        const { id, method } = (raw === "" ? {} : JSON.parse(raw)) as { id?: unknown; method?: string };
        const head = { "content-type": "application/json" };
        const body = JSON.stringify({ jsonrpc: "2.0", id, result: answerTo(method) });
        if (incoming.method !== "POST") response.writeHead(405).end();
        else if (id === undefined) response.writeHead(202).end();
        else setTimeout(() => response.writeHead(200, head).end(body), awayMs);
      },
      () => response.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  process.stdin.on("end", () => process.exit(0)).resume();
};

const post = async (url: string, message: object): Promise<string> => {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const sent = request(url, { method: "POST", headers });
  sent.end(JSON.stringify({ jsonrpc: "2.0", ...message }));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return read(response);
};

const list = async (url: string): Promise<void> => {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "b", version: "1" } };
  await post(url, { id: 1, method: "initialize", params });
  await post(url, { method: "notifications/initialized" });
  console.log(await post(url, { id: 2, method: "tools/list" }));
  process.exit(0);
};

const [what = "", ms = "0"] = process.argv.slice(2);
await (what === "serve" ? serve(Number(ms)) : list(what));
