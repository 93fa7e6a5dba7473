import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const source = (file: string): string =>
  JSON.stringify(new URL(`../../../src/${file}`, import.meta.url).href);

/** What is said of `https://vault.example.com` by a program whose proxy answers every request with that status. */
const saidBehind = async (status: string): Promise<string> => {
  const proxy = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  const program = `
    import { boundedFetch } from ${source("core/http.ts")};
    import { systemClock } from ${source("node/clock.ts")};
    const ask = boundedFetch((url, init) => fetch(url, init), systemClock);
    await ask("https://vault.example.com/x").then(() => 0, ({ message }) => console.log(message));`;
  const url = `http://127.0.0.1:${address.port}`;
  const env = { ...process.env, NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: url, NO_PROXY: "" };
  const args = ["--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  proxy.close();
  return stdout.trim();
};

it.each([
  [
    "407 Proxy Authentication Required",
    /^The proxy on the way to vault\.example\.com wants to know who asks/,
  ],
  [
    "403 Forbidden",
    /^The proxy on the way to vault\.example\.com does not let the request through \(HTTP 403\)/,
  ],
  ["502 Bad Gateway", /\(HTTP 502\)/],
])(
  "a proxy's own %s is told as the proxy's",
  async (status, words) => {
    expect(await saidBehind(status)).toMatch(words);
  },
  20_000,
);
