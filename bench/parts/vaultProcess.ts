/**
 * A vault that grants everything at once, in a process of its own: `node vaultProcess.ts OPTIONS`. Says where it
 * listens; ends when stdin does. With `roundTripMs` it stands that far away: behind a relay that holds every byte for
 * half of it, and a connection's first bytes for one more round trip, which is what TCP's handshake takes.
 */
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface VaultProcessOptions {
  /** PEM; absent, the vault speaks http. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly roundTripMs: number;
}

const options = JSON.parse(process.argv[2] ?? "") as VaultProcessOptions;

const reply = JSON.stringify({
  access_token: "vault-credential",
  issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
  token_type: "Bearer",
  expires_in: 300,
});

const answer: RequestListener = (request, response) => {
  request.resume().once("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": reply.length });
    response.end(reply);
  });
};

const listening = async (server: Server): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

const hold = (from: Socket, to: Socket, delayMs: number, handshakeMs: number): void => {
  const openAtMs = performance.now() + handshakeMs;
  from.on("data", (chunk: Buffer) => {
    const waitMs = delayMs + Math.max(0, openAtMs - performance.now());
    setTimeout(() => to.write(chunk), waitMs);
  });
  from.once("end", () => setTimeout(() => to.end(), delayMs));
  from.on("error", () => to.destroy());
};

const relayTo = (port: number): Server =>
  createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: "127.0.0.1", noDelay: true });
    hold(near, far, options.roundTripMs / 2, options.roundTripMs);
    hold(far, near, options.roundTripMs / 2, 0);
  });

const vault = options.tls === undefined ? createHttpServer(answer) : createHttpsServer(options.tls, answer);
vault.keepAliveTimeout = 60_000;
const vaultPort = await listening(vault);
const port = options.roundTripMs === 0 ? vaultPort : await listening(relayTo(vaultPort));
console.log(`http${options.tls === undefined ? "" : "s"}://127.0.0.1:${port}`);
process.stdin.resume().once("close", () => process.exit(0));
