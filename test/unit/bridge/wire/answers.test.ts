import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createHttp } from "../../../../src/bridge/wire/http.ts";

let server: Server | undefined;
afterEach(() => server?.close());

let closed: Promise<unknown> = Promise.resolve();

/** What comes of a request that is answered with these bytes, on a connection that stays open. */
const askedOf = async (bytes: string): Promise<number | undefined> => {
  const opened = createServer((socket) => {
    socket.on("error", () => undefined);
    closed = once(socket, "close");
    socket.once("data", () => socket.write(bytes));
  });
  server = opened;
  opened.listen(0, "127.0.0.1");
  await once(opened, "listening");
  const { port } = opened.address() as AddressInfo;
  const response = await createHttp()({
    ...{ method: "POST", url: `http://127.0.0.1:${port}/mcp`, headers: {}, body: Buffer.from("{}") },
    signal: new AbortController().signal,
  });
  response.destroy();
  return response.statusCode;
};

const whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

test.each([
  [
    "another protocol",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  ],
  ["another protocol, which it does not name", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["what is no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"],
])("an answer that is %s ends the request, and holds nobody", async (_what, bytes) => {
  await expect(askedOf(bytes)).rejects.toThrow();
  await closed;
});

test.each([
  ["100 Continue", `HTTP/1.1 100 Continue\r\n\r\n${whole}`],
  ["103 Early Hints", `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${whole}`],
  ["an upgrade that is offered", whole.replace("\r\n", "\r\nConnection: upgrade\r\nUpgrade: h2c\r\n")],
])("the last answer counts, whatever comes before or with it: %s", async (_what, bytes) => {
  expect(await askedOf(bytes)).toBe(200);
});
