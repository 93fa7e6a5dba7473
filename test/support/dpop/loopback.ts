/**
 * An authorization server that binds tokens to keys, and the door of a connector that takes no others (RFC 9449). Proofs
 * are checked by oauth4webapi, not by ours; what is right is passed on.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  EmbeddedJWK,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from "jose";
import { customFetch, validateJwtAccessToken } from "oauth4webapi";
import { passOn } from "../passOn.ts";

/** One request at the door, and what came of it. */
export interface AtDoor {
  readonly method: string;
  /** The method of MCP, where there is one. */
  readonly rpc: string | undefined;
  readonly authorization: string;
  readonly proof: string;
  readonly nonce: unknown;
  readonly verdict: "ok" | "replayed" | "use_dpop_nonce" | "invalid_token";
}

export class BoundConnector {
  readonly atDoor: AtDoor[] = [];
  /** What a proof must hold, where the server wants something. */
  nonce: string | undefined;
  /** Whether what is passed on names it as well. */
  tellsAlways = false;
  /** Whether tokens are refused, however they are proved. */
  isShut = false;
  readonly #upstream: string;
  readonly #seen = new Set<string>();
  readonly #keys = generateKeyPair("ES256");
  #issuer = "";
  readonly #server = createServer((request, response) => {
    const answer = request.url === "/token" ? this.#issue(request, response) : this.#admit(request, response);
    answer.catch(() => response.destroy());
  });

  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  async listen(): Promise<{ readonly token: string; readonly door: string }> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return { token: `${this.#issuer}/token`, door: this.#door };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  get #door(): string {
    return `${this.#issuer}/mcp`;
  }

  /** Exchanges any token for one that the key of the proof has to prove. */
  async #issue(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams((await buffer(request)).toString("utf8"));
    const proof = String(request.headers["dpop"] ?? "");
    const { payload } = await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt" });
    const isRight = payload["htm"] === "POST" && payload["htu"] === `${this.#issuer}/token`;
    if (!isRight) throw new Error("The proof is for another request.");
    const { privateKey } = await this.#keys;
    const token = await new SignJWT({
      ...{ client_id: form.get("client_id"), jti: randomUUID() },
      cnf: { jkt: await calculateJwkThumbprint(decodeProtectedHeader(proof).jwk ?? {}) },
    })
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "k" })
      .setIssuer(this.#issuer)
      .setSubject("alice")
      .setAudience(this.#door)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ access_token: token, token_type: "DPoP", expires_in: 300 }));
  }

  async #admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { method = "", headers } = request;
    const { authorization = "" } = headers;
    const proof = String(headers["dpop"] ?? "");
    const nonce = proof === "" ? undefined : decodeJwt(proof)["nonce"];
    const verdict = await this.#verdict(request, proof, nonce);
    const rpc = /"method":"([^"]+)"/.exec(body.toString("utf8"))?.[1];
    this.atDoor.push({ method, rpc, authorization, proof, nonce, verdict });
    const told = { ...(this.nonce === undefined ? {} : { "dpop-nonce": this.nonce }) };
    if (verdict === "ok") {
      // Behind the door nobody needs a credential.
      const { authorization: _token, dpop: _proof, ...others } = request.headers;
      passOn(this.#upstream, request, others, body, response, this.tellsAlways ? told : {});
      return;
    }
    const error = verdict === "replayed" ? "invalid_dpop_proof" : verdict;
    response.writeHead(401, { ...told, "www-authenticate": `DPoP error="${error}", algs="ES256"` }).end();
  }

  async #verdict(
    { method = "", headers, url = "" }: IncomingMessage,
    proof: string,
    nonce: unknown,
  ): Promise<AtDoor["verdict"]> {
    const { authorization = "" } = headers;
    const asked = new Request(new URL(url, this.#issuer), {
      method,
      headers: { authorization, dpop: proof },
    });
    try {
      const server = { issuer: this.#issuer, jwks_uri: `${this.#issuer}/keys`.replace("http:", "https:") };
      await validateJwtAccessToken(server, asked, this.#door, {
        requireDPoP: true,
        [customFetch]: async () => {
          const { publicKey } = await this.#keys;
          return Response.json({ keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256" }] });
        },
      });
    } catch {
      return "invalid_token";
    }
    if (this.nonce !== undefined && nonce !== this.nonce) return "use_dpop_nonce";
    const { jti = "" } = decodeJwt(proof);
    if (this.#seen.has(jti)) return "replayed";
    this.#seen.add(jti);
    return this.isShut ? "invalid_token" : "ok";
  }
}
