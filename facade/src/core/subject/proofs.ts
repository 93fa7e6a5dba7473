import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from "jose";
import { sha256Base64url } from "../../../../src/core/hash.ts";
import type { Clock } from "../../../../src/core/ports.ts";
import type { FacadeStore } from "../state/store.ts";
import { signatureAlgorithms } from "./verify.ts";

/** A request that has to carry a DPoP proof (RFC 9449). */
export interface ProofOf {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  readonly proof: string | undefined;
  readonly token: string;
  /** The token came in the Authorization header, so that the proof has to name it (RFC 9449, section 7). */
  readonly namesToken: boolean;
}

const windowSeconds = 300;

/**
 * Whether the caller holds the key with this thumbprint. Nothing is remembered of it yet, so that nobody can have more
 * remembered than they may ask.
 * @returns what the proof is remembered by, or undefined where it is not good
 */
export const readProof = async (
  { method, url, proof, token, namesToken }: ProofOf,
  thumbprint: string,
  clock: Clock,
): Promise<string | undefined> => {
  if (proof === undefined) return undefined;
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: "dpop+jwt",
      algorithms: signatureAlgorithms,
      maxTokenAge: windowSeconds,
      clockTolerance: 5,
      currentDate: new Date(clock.now()),
      requiredClaims: ["jti", "htm", "htu", "iat"],
    });
    const { jwk } = protectedHeader;
    if (jwk === undefined || (await calculateJwkThumbprint(jwk)) !== thumbprint) return undefined;
    if (payload["htm"] !== method || !isAddress(payload["htu"], url)) return undefined;
    const isNamed = payload["ath"] === (await sha256Base64url(token));
    if (namesToken ? !isNamed : payload["ath"] !== undefined && !isNamed) return undefined;
    return await sha256Base64url(`${thumbprint} ${payload.jti ?? ""}`);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
};

/** A proof is good once, at whichever instance. @returns false for one that was used before */
export const useProof = (name: string, store: FacadeStore): Promise<boolean> =>
  store.add(`proof:${name}`, "", (windowSeconds + 10) * 1000);

const isAddress = (htu: unknown, url: string): boolean => {
  const [said, meant] = [typeof htu === "string" ? URL.parse(htu) : null, URL.parse(url)];
  return said !== null && meant !== null && said.origin + said.pathname === meant.origin + meant.pathname;
};
