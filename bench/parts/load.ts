import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { percentile } from "./statistics.ts";

export interface Load {
  /** The Unix socket, or the port of this machine, of an HTTP server whose replies say how long they are. */
  readonly path: string | number;
  /** One whole request, as it goes over the connection. */
  readonly request: Buffer;
  readonly connections: number;
  /** Requests altogether. */
  readonly requests: number;
}

export interface Loaded {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** Keeps so many connections busy, one request after the other on each, until all are answered by HTTP 200. */
export const drive = async ({ path, request, connections, requests }: Load): Promise<Loaded> => {
  const times: number[] = [];
  let left = requests;
  const one = async (): Promise<void> => {
    const socket = typeof path === "string" ? connect(path) : connect(path, "127.0.0.1");
    await once(socket, "connect");
    try {
      while (left > 0) {
        left -= 1;
        const startMs = performance.now();
        socket.write(request);
        await answerOn(socket);
        times.push(performance.now() - startMs);
      }
    } finally {
      socket.destroy();
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: connections }, one));
  const tookMs = performance.now() - startMs;
  return { perSecond: (requests / tookMs) * 1000, p99Ms: percentile(times, 0.99) };
};

const answerOn = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    let heard = "";
    const done = (error?: Error): void => {
      socket.off("data", take).off("error", done).off("close", closed);
      if (error === undefined) resolve();
      else reject(error);
    };
    const take = (chunk: Buffer): void => {
      heard += chunk.toString("latin1");
      const headEnd = heard.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(heard)?.[1]);
      if (heard.length < headEnd + 4 + length) return;
      if (heard.startsWith("HTTP/1.1 200 ")) done();
      else done(new Error(`The server answered ${heard.slice(0, 40)}`));
    };
    const closed = (): void => done(new Error("The server closed the connection."));
    socket.on("data", take).once("error", done).once("close", closed);
  });
