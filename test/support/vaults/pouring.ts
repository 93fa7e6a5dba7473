import { createServer } from "node:http";
import { onTestFinished } from "vitest";

/** A vault whose every reply is far too long. It ends with the test. */
export interface PouringVault {
  readonly origin: string;
  /** How many bytes it got rid of until the other side hung up. */
  sent(): Promise<number>;
}

/** Sends up to `mostBytes` of JSON white space, under these headers, as fast as they are taken. */
export const servePouring = async (
  mostBytes: number,
  head: Readonly<Record<string, string | number>>,
): Promise<PouringVault> => {
  let sent = 0;
  let hungUp = (): void => undefined;
  const closed = new Promise<void>((resolve) => (hungUp = resolve));
  const chunk = Buffer.alloc(64 * 1024, " ");
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json", ...head });
    const pour = (): void => {
      while (!response.destroyed && sent < mostBytes) {
        sent += chunk.byteLength;
        if (!response.write(chunk)) return;
      }
    };
    response.on("drain", pour).on("close", hungUp);
    pour();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The vault does not listen.");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    sent: async () => {
      await closed;
      return sent;
    },
  };
};
