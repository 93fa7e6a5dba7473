/** What goes through the process comes out as it went in, whatever it is, however large, and at what cost of memory. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BridgeClient } from "../process/bridge/client.ts";
import { connectorName, startWindow, type TestWindow } from "../process/bridge/window.ts";
import { buildHelper, install, oddFolder } from "../process/support.ts";
import { FrameMaker } from "./frameMaker.ts";
import type { Rpc } from "../../demo/mcp/wire.ts";

const largeBytes = 50 * 1024 * 1024;

/** Answers with bytes that a test gave it, as JSON or as a stream; keeps what it was sent. */
class ExactConnector {
  readonly got = new Map<string, string>();
  readonly answers = new Map<string, string>();
  #streams = 0;
  readonly #server: Server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString("utf8");
    const { id, method } = (raw === "" ? {} : JSON.parse(raw)) as Rpc;
    if (request.method !== "POST") response.writeHead(405).end();
    else if (id === undefined) response.writeHead(202).end();
    else if (method === "initialize") {
      const result = {
        protocolVersion: "2025-11-25",
        capabilities: {},
        serverInfo: { name: "x", version: "1" },
      };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    } else this.#answer(String(id), raw, response);
  }

  #answer(id: string, raw: string, response: ServerResponse): void {
    this.got.set(id, raw);
    const answer = this.answers.get(id) ?? "";
    this.#streams += 1;
    const isStream = this.#streams % 2 === 0;
    response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
    response.end(isStream ? `data: ${answer}\n\n` : answer);
  }
}

let folder: Awaited<ReturnType<typeof oddFolder>>;
let connector: ExactConnector;
let window: TestWindow;
let home: string;

beforeAll(async () => {
  folder = await oddFolder();
  home = join(folder.path, "home");
  await install(home, await buildHelper(folder.path));
  connector = new ExactConnector();
  window = await startWindow(home, await connector.listen());
});
afterAll(async () => {
  await window.stop();
  connector.close();
  await folder.remove();
});

/** The most that a process had in memory, in bytes, as Linux tells. */
const peakBytes = async (pid: number | undefined): Promise<number> => {
  const status = await readFile(`/proc/${pid ?? 0}/status`, "utf8");
  return 1024 * Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? Number.NaN);
};

describe("frames", () => {
  test("10,000 of them are byte-equal both ways", async () => {
    const client = new BridgeClient(home, connectorName);
    await client.begin();
    const maker = new FrameMaker(20_261_130);
    const [total, atOnce] = [10_000, 200];
    const sent = new Map<string, string>();
    for (let from = 0; from < total; from += atOnce) {
      const before = client.lines.length;
      for (let each = from; each < from + atOnce; each += 1) {
        const { id, request, answer } = maker.pair(each);
        sent.set(id, request);
        connector.answers.set(id, answer);
        client.send(request);
      }
      while (client.lines.length < before + atOnce) await once(client.child.stdout ?? client.child, "data");
    }
    client.child.kill();
    const heard = new Set(client.lines);
    const changed = [...sent].filter(([id, request]) => connector.got.get(id) !== request);
    const lost = [...connector.answers.values()].filter((answer) => !heard.has(answer));
    expect(changed.slice(0, 3)).toEqual([]);
    expect(lost.slice(0, 3)).toEqual([]);
    expect(client.lines).toHaveLength(total + 1);
  });

  test.runIf(process.platform === "linux").each(["JSON", "a stream"])(
    "50 MB of an answer as %s are held once",
    async (_how) => {
      const client = new BridgeClient(home, connectorName);
      await client.begin();
      const id = `large-${connector.got.size}`;
      const answer = (text: string): string => `{"jsonrpc":"2.0","id":"${id}","result":{"t":"${text}"}}`;
      const request = { jsonrpc: "2.0", id, method: "vendor/large" };
      connector.answers.set(id, answer("x"));
      client.send(request);
      await client.heard((each) => each.id === id);
      const idle = await peakBytes(client.child.pid);
      connector.answers.set(id, answer("x".repeat(largeBytes)));
      const before = client.lines.length;
      // An answer of the other kind comes first, so that each test measures its own.
      client.send(request);
      while (client.lines.length === before) await once(client.child.stdout ?? client.child, "data");
      const copies = ((await peakBytes(client.child.pid)) - idle) / largeBytes;
      client.child.kill();
      console.log(
        `50 MB through the bridge: ${copies.toFixed(2)} times as much memory beside the idle process`,
      );
      // One copy, and pieces of it that the collector has not taken yet; two would be two.
      expect(copies).toBeLessThan(2);
    },
  );
});
