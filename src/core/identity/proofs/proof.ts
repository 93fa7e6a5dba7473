import * as oauth from "openid-client";
import * as z from "zod";
import { Secret } from "../../secret.ts";

/** The key pair that a session's tokens are bound to (RFC 9449), at work and at rest. */
export interface Proof {
  readonly handle: oauth.DPoPHandle;
  /** The private key as a JWK: goes to secret storage with the tokens it proves. */
  readonly key: Secret;
}

const algorithm = "ES256";
const curve = { name: "ECDSA", namedCurve: "P-256" };

/** An ES256 key pair as it lies in secret storage. */
export const privateJwk = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

/** @returns undefined where the IdP does not offer sender-constrained tokens. */
export const newProof = async (configuration: oauth.Configuration): Promise<Proof | undefined> => {
  const offered = configuration.serverMetadata().dpop_signing_alg_values_supported;
  if (offered?.includes(algorithm) !== true) return undefined;
  const pair = await oauth.randomDPoPKeyPair(algorithm, { extractable: true });
  const jwk = privateJwk.parse(await crypto.subtle.exportKey("jwk", pair.privateKey));
  return { handle: oauth.getDPoPHandle(configuration, pair), key: new Secret(JSON.stringify(jwk)) };
};

/** @throws when the text is no such key: records hold none. */
export const importPair = async (key: Secret): Promise<oauth.CryptoKeyPair> => {
  const { d, ...publicJwk } = privateJwk.parse(JSON.parse(key.reveal()));
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey("jwk", { ...publicJwk, d }, curve, false, ["sign"]),
    crypto.subtle.importKey("jwk", publicJwk, curve, true, ["verify"]),
  ]);
  return { privateKey, publicKey };
};

/** Keeps one handle a session, so that the nonce which the IdP last gave is known to the next request. */
export class Proofs {
  readonly #handles = new Map<string, { readonly key: string; readonly handle: oauth.DPoPHandle }>();

  /** The option that openid-client takes: empty for a session whose tokens are bound to no key. */
  async optionFor(
    id: string,
    configuration: oauth.Configuration,
    key: Secret | undefined,
  ): Promise<oauth.DPoPOptions> {
    if (key === undefined) return {};
    const known = this.#handles.get(id);
    if (known?.key === key.reveal()) return { DPoP: known.handle };
    const handle = oauth.getDPoPHandle(configuration, await importPair(key));
    this.#handles.set(id, { key: key.reveal(), handle });
    return { DPoP: handle };
  }

  forget(id: string): void {
    this.#handles.delete(id);
  }
}
