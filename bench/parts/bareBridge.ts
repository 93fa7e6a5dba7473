/**
 * What a bridge costs without any of Lanyard: `node bareBridge.ts URL SOCKET` asks a server at a socket for each line of
 * stdin, posts the line, and prints the answer. Both connections are kept.
 */
import { Agent, request, type IncomingMessage, type RequestOptions } from "node:http";
import { createInterface } from "node:readline";
import { once } from "node:events";

const [url = "", socketPath = ""] = process.argv.slice(2);
const [there, here] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];

const posted = async (target: string, options: RequestOptions, body: string): Promise<string> => {
  const type = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const headers = { ...type, "content-length": Buffer.byteLength(body) };
  const sent = request(target, { ...options, method: "POST", headers });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(response, "end");
  return Buffer.concat(chunks).toString("utf8");
};

for await (const line of createInterface({ input: process.stdin })) {
  JSON.parse(await posted("http://bare/authorize", { socketPath, agent: here }, line));
  process.stdout.write(`${await posted(url, { agent: there }, line)}\n`);
}
process.exit(0);
