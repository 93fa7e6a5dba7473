import { createHash } from "node:crypto";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";

/** A request that may carry a DPoP proof (RFC 9449). */
export interface ProvenRequest {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  readonly proof: string | undefined;
  readonly token: string;
  /** The token came in the Authorization header, so that the proof must name it (RFC 9449 section 7). */
  readonly namesToken: boolean;
}

const windowSeconds = 300;

/** Checks DPoP proofs, each of which is good once. */
export class ProofChecker {
  readonly #seen = new Map<string, number>();

  /** The thumbprint of the key that the caller holds, or undefined when there is no good proof. */
  async thumbprint({ method, url, proof, token, namesToken }: ProvenRequest): Promise<string | undefined> {
    if (proof === undefined) return undefined;
    try {
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        typ: "dpop+jwt",
        algorithms: ["ES256", "Ed25519", "EdDSA", "PS256", "RS256"],
        maxTokenAge: windowSeconds,
        requiredClaims: ["jti", "htm", "htu", "iat"],
      });
      const ath = createHash("sha256").update(token).digest("base64url");
      const fits =
        payload["htm"] === method &&
        sameAddress(payload["htu"], url) &&
        payload["ath"] === (namesToken ? ath : undefined);
      if (!fits || protectedHeader.jwk === undefined || !this.#isFirst(payload.jti ?? "")) return undefined;
      return await calculateJwkThumbprint(protectedHeader.jwk);
    } catch {
      return undefined;
    }
  }

  #isFirst(jti: string): boolean {
    const now = Date.now();
    for (const [id, until] of this.#seen) if (until <= now) this.#seen.delete(id);
    if (this.#seen.has(jti)) return false;
    this.#seen.set(jti, now + windowSeconds * 1000);
    return true;
  }
}

const sameAddress = (htu: unknown, url: string): boolean => {
  if (typeof htu !== "string" || !URL.canParse(htu)) return false;
  const { origin, pathname } = new URL(htu);
  return `${origin}${pathname}` === url;
};
