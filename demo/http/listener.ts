import { createServer, type RequestListener } from "node:http";

/** An HTTP server on a random loopback port, whose address is known before it has anything to say. */
export interface Listener {
  /** `http://HOST:PORT`, without a slash at the end. */
  readonly url: string;
  /** Sets what answers; until then every request gets 503. */
  serve(handler: RequestListener): void;
  /** Ends every connection, also those that are still being answered, and frees the port. */
  close(): Promise<void>;
}

/** Listens on a port that the system picks. Rejects with the system's error when the host cannot be bound. */
export const listen = async (host: string): Promise<Listener> => {
  let answer: RequestListener = (_request, response) => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => {
    answer(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The listener has no port.");
  return {
    url: `http://${host}:${address.port}`,
    serve: (handler) => {
      answer = handler;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
