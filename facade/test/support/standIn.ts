import { once } from "node:events";
import { createServer } from "node:http";
import { publicJwk, type Over } from "./world.ts";

interface Told {
  readonly status: number;
  readonly body: Over;
}

/** An identity provider on loopback whose token endpoint exchanges as a test says. */
export interface StandIn extends AsyncDisposable {
  readonly issuer: string;
  /** What the token endpoint answers. */
  vault: (form: URLSearchParams) => Told | Promise<Told>;
  isAlive: (token: string) => boolean;
  /** What answers at other addresses, by their path and what was sent. */
  other: (path: string, body: string) => Told | undefined;
}

export const startIdp = async (): Promise<StandIn> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void answer(request.url ?? "", Buffer.concat(chunks).toString()).then(({ status, body }) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  const issuer = `http://127.0.0.1:${address.port}`;
  const answer = async (path: string, body: string): Promise<Told> => {
    const form = new URLSearchParams(body);
    const other = idp.other(path, body);
    if (other !== undefined) return other;
    if (path === "/token") return idp.vault(form);
    if (path === "/introspect")
      return { status: 200, body: { active: idp.isAlive(form.get("token") ?? "") } };
    if (path === "/keys") return { status: 200, body: { keys: [publicJwk] } };
    const at = (name: string): string => `${issuer}/${name}`;
    return {
      status: 200,
      body: {
        ...{ issuer, jwks_uri: at("keys"), token_endpoint: at("token") },
        ...{ introspection_endpoint: at("introspect"), authorization_endpoint: at("authorize") },
      },
    };
  };
  const idp: StandIn = {
    issuer,
    vault: () => ({ status: 400, body: { error: "authorization_pending" } }),
    isAlive: (token) => token !== "not-a-token",
    other: () => undefined,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return idp;
};
