import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { createServer as createSecure } from "node:https";
import { connect, type AddressInfo, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { selfSigned } from "../support/selfSigned.ts";

/** A company's proxy, the only way to a host that has no address: what is asked for there reaches a server of this machine. */
export interface Tunnel extends AsyncDisposable {
  /** The proxy's own URL. */
  readonly proxy: string;
  /** What it was asked to connect to. */
  readonly asked: readonly string[];
  /** The certificate of that host, which nobody trusts yet, as PEM. */
  readonly certificate: string;
  /** Where the host leads, with its certificate before that. */
  to: string;
}

export const openTunnel = async (host: string): Promise<Tunnel> => {
  const { cert, key } = selfSigned(host);
  const far = createSecure({ cert, key }, (request, response) => {
    const { method, headers } = request;
    const on = httpRequest(
      tunnel.to,
      { method, headers: { ...headers, host: new URL(tunnel.to).host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    on.on("error", () => response.destroy());
    response.on("close", () => on.destroy());
    request.pipe(on);
  });
  const port = await listening(far);
  const asked: string[] = [];
  const near = createServer().on("connect", ({ url: place = "" }: IncomingMessage, client: Duplex) => {
    asked.push(place);
    const server = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(server).pipe(client);
    });
    client.on("error", () => server.destroy());
    server.on("error", () => client.destroy());
  });
  const proxy = `http://127.0.0.1:${await listening(near)}`;
  const close = (server: Server): Promise<unknown> => once(server.close(), "close");
  const tunnel: Tunnel = {
    ...{ proxy, asked, certificate: cert, to: "" },
    [Symbol.asyncDispose]: async () => {
      const closed = [near, far].map(close);
      far.closeAllConnections();
      near.closeAllConnections();
      await Promise.all(closed);
    },
  };
  return tunnel;
};

const listening = async (server: Server): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};
