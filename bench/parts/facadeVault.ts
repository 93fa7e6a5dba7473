/**
 * An identity provider and vault for the facade, in a process of its own: `node facadeVault.ts AWAY_MS`. It gives the
 * people of `/people?count=N` an access token each, and answers the vault's part of the work so many milliseconds later.
 */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const awayMs = Number(process.argv[2] ?? 0);
const { privateKey, publicKey } = await generateKeyPair("RS256");
const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" };
let issuer = "";

const tokenOf = (number: number): Promise<string> =>
  new SignJWT({ azp: "lanyard", typ: "Bearer", sid: `session-${number}` })
    .setProtectedHeader({ alg: "RS256", kid: "one" })
    .setIssuer(issuer)
    .setAudience("lanyard-facade")
    .setSubject(`person-${number}`)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(privateKey);

const granted = { access_token: "vault-credential", token_type: "Bearer", expires_in: 300 };

const replyTo = async (url: URL): Promise<readonly [unknown, number]> => {
  switch (url.pathname) {
    case "/.well-known/openid-configuration": {
      const endpoints = { token_endpoint: `${issuer}/token`, introspection_endpoint: `${issuer}/introspect` };
      return [{ issuer, jwks_uri: `${issuer}/keys`, ...endpoints }, 0];
    }
    case "/keys":
      return [{ keys: [jwk] }, 0];
    case "/introspect":
      return [{ active: true }, awayMs];
    case "/people": {
      const count = Number(url.searchParams.get("count"));
      return [await Promise.all(Array.from({ length: count }, (_, number) => tokenOf(number))), 0];
    }
    default:
      return [granted, awayMs];
  }
};

const send = (response: ServerResponse, body: unknown): void => {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  response.writeHead(200, headers).end(text);
};

const server = createServer((request, response) => {
  request.resume().once("end", () => {
    replyTo(new URL(request.url ?? "", issuer)).then(
      ([body, delayMs]) => (delayMs === 0 ? send(response, body) : setTimeout(send, delayMs, response, body)),
      (error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1");
await once(server, "listening");
issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
console.log(issuer);
process.stdin.resume().once("close", () => process.exit(0));
