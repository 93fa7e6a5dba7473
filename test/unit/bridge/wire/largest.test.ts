import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import type { Failure } from "../../../../src/bridge/refusal/verdict.ts";
import { createHttp } from "../../../../src/bridge/wire/http.ts";
import { ownMessage, type RpcMessage } from "../../../../src/bridge/wire/message.ts";
import { finish } from "../../../../src/bridge/wire/streams.ts";

/** Hundreds of mebibytes on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const mib = 1024 * 1024;
const chunk = Buffer.alloc(mib, "a");

let server: Server | undefined;
let closed: Promise<unknown> = Promise.resolve();
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Answer {
  readonly type: string;
  readonly begin: string;
  /** Between the mebibytes. */
  readonly between: string;
  readonly mebibytes: number;
  readonly end: string;
}

const asked = ownMessage({ id: 1, method: "tools/call", params: {} });

/** What comes of a call that is answered so, and the largest message that was handed on. */
const answeredBy = async (answer: Answer): Promise<{ why?: string | undefined; bytes: number }> => {
  const opened = createServer((request, response) => {
    closed = once(response, "close");
    request.resume();
    response.on("error", () => undefined).writeHead(200, { "content-type": answer.type });
    const send = async (): Promise<void> => {
      response.write(answer.begin);
      for (let sent = 0; sent < answer.mebibytes && !response.destroyed; sent += 1) {
        if (sent > 0 && answer.between !== "") response.write(answer.between);
        if (!response.write(chunk)) await Promise.race([once(response, "drain"), closed]);
      }
      response.end(answer.end);
    };
    void send();
  });
  server = opened;
  opened.listen(0, "127.0.0.1");
  await once(opened, "listening");
  const { port } = opened.address() as AddressInfo;
  const [url, { signal }] = [`http://127.0.0.1:${port}/mcp`, new AbortController()];
  const response = await createHttp()({ method: "POST", url, headers: {}, signal, body: asked.bytes });
  let bytes = 0;
  const hear = (message: RpcMessage): Promise<void> => {
    bytes = Math.max(bytes, message.bytes.byteLength);
    return Promise.resolve();
  };
  const why: Failure | undefined = await finish(
    { kind: "answered", response, status: 200, url },
    ...([asked, hear, signal] as const),
  );
  return { why: why?.message, bytes };
};

const [begin, end] = ['{"jsonrpc":"2.0","id":1,"result":{"text":"', '"}}'];
const body = { type: "application/json", begin, between: "", end };
const event = { type: "text/event-stream", begin: `data: ${begin}`, between: "", end: `${end}\n\n` };
const lines = { ...event, begin: "data: [\ndata: ", between: "\ndata: ", end: "\n\n" };

test("one of 200 MiB is handed on whole", async () => {
  const { why, bytes } = await answeredBy({ ...event, mebibytes: 200 });
  expect(why).toBeUndefined();
  expect(bytes).toBe(200 * mib + begin.length + end.length);
});

test.each([
  ["a body", body],
  ["an event", event],
  ["an event of many lines", lines],
])("%s over 256 MiB is not held, and the call says so", async (_what, answer) => {
  const { why, bytes } = await answeredBy({ ...answer, mebibytes: 400 });
  expect(why).toMatch(/larger than 256 MiB.*Ask it for less/);
  expect(bytes).toBe(0);
  // Nothing more of it is read.
  await closed;
});
