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

/** Whether the caller holds the key with this thumbprint. A proof is good once, at whichever instance. */
export const isProved = async (
  { method, url, proof, token, namesToken }: ProofOf,
  thumbprint: string,
  { store, clock }: { readonly store: FacadeStore; readonly clock: Clock },
): Promise<boolean> => {
  if (proof === undefined) return false;
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
    if (jwk === undefined || (await calculateJwkThumbprint(jwk)) !== thumbprint) return false;
    if (payload["htm"] !== method || !isAddress(payload["htu"], url)) return false;
    const isNamed = payload["ath"] === (await sha256Base64url(token));
    if (namesToken ? !isNamed : payload["ath"] !== undefined && !isNamed) return false;
    const jti = await sha256Base64url(`${thumbprint} ${payload.jti ?? ""}`);
    return await store.add(`proof:${jti}`, "", (windowSeconds + 10) * 1000);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
    throw error;
  }
};

const isAddress = (htu: unknown, url: string): boolean => {
  const [said, meant] = [typeof htu === "string" ? URL.parse(htu) : null, URL.parse(url)];
  return said !== null && meant !== null && said.origin + said.pathname === meant.origin + meant.pathname;
};
