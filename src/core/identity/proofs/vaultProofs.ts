import { base64url, sha256Base64url } from "../../hash.ts";
import type { Clock, SignRequest } from "../../ports.ts";
import type { Secret } from "../../secret.ts";
import { importPair, privateJwk } from "./proof.ts";
import type { ActiveSession } from "../session.ts";
import type { SessionStore } from "../sessions/sessionStore.ts";

interface Key {
  readonly text: string;
  readonly privateKey: CryptoKey;
  /** The public half, as the proof's header carries it (RFC 9449, section 4.2). */
  readonly publicJwk: object;
}

/**
 * DPoP proofs for servers that are not the IdP's own (RFC 9449, section 7): vaults, feeds of events, and connectors whose
 * credentials are bound to the same key. openid-client proves where it sends the request itself; here others do.
 */
export class VaultProofs {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #keys = new Map<string, Key>();
  /** The nonce that each origin gave last (section 8.2): with it, the next request is not refused first. */
  readonly #nonces = new Map<string, string>();

  constructor(store: SessionStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Adds the proof, and calls the token what it is where the Authorization header carries it.
   * @param token what is bound to the session's key; its own token where left out.
   */
  signer({ id, accessToken }: ActiveSession, token = accessToken): SignRequest {
    return async ({ method, url, headers }, nonce) => {
      const key = await this.#keyOf(id);
      if (key === undefined) return {};
      const { origin, pathname } = new URL(url);
      if (nonce !== undefined) this.#nonces.set(origin, nonce);
      const inHeader = carriesBearer(headers, token);
      const proof = await this.#proof(key, {
        htm: method,
        htu: `${origin}${pathname}`,
        nonce: this.#nonces.get(origin),
        ath: inHeader ? await sha256Base64url(token.reveal()) : undefined,
      });
      return { dpop: proof, ...(inHeader ? { authorization: `DPoP ${token.reveal()}` } : {}) };
    };
  }

  async #keyOf(sessionId: string): Promise<Key | undefined> {
    const stored = await this.#store.read(sessionId);
    const key = stored.kind === "live" ? stored.record.proofKey : undefined;
    if (key === undefined) {
      this.#keys.delete(sessionId);
      return undefined;
    }
    const text = key.reveal();
    const known = this.#keys.get(sessionId);
    if (known?.text === text) return known;
    const { privateKey } = await importPair(key);
    const { d: _private, ...publicJwk } = privateJwk.parse(JSON.parse(text));
    const made = { text, privateKey, publicJwk };
    this.#keys.set(sessionId, made);
    return made;
  }

  async #proof(
    { privateKey, publicJwk }: Key,
    claims: Readonly<Record<string, string | undefined>>,
  ): Promise<string> {
    const iat = Math.floor(this.#clock.now() / 1000);
    const head = encoded({ alg: "ES256", typ: "dpop+jwt", jwk: publicJwk });
    const body = encoded({ ...claims, jti: crypto.randomUUID(), iat });
    const signed = new TextEncoder().encode(`${head}.${body}`);
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, signed);
    return `${head}.${body}.${base64url(new Uint8Array(signature))}`;
  }
}

const carriesBearer = (headers: Readonly<Record<string, string>>, token: Secret): boolean =>
  headers["authorization"] === `Bearer ${token.reveal()}`;

/** Members without a value are left out. */
const encoded = (value: object): string => base64url(new TextEncoder().encode(JSON.stringify(value)));
