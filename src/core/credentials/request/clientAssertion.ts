import type { ClientAuth } from "openid-client";
import * as z from "zod";
import { Secret } from "../../secret.ts";
import type { ClientKey } from "../source.ts";

/** RFC 7523, section 2.2. */
export const jwtBearerAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const text = z.string();
const optional = text.exactOptional();

/** RFC 7518, section 6: what a private key of each type is made of. */
const jwkSchema = z.object({
  kty: z.enum(["EC", "RSA", "OKP"]),
  d: text,
  crv: optional,
  x: optional,
  y: optional,
  n: optional,
  e: optional,
  p: optional,
  q: optional,
  dp: optional,
  dq: optional,
  qi: optional,
  alg: optional,
  kid: optional,
});
type Jwk = z.infer<typeof jwkSchema>;

const hashOf = (alg: string): string => `SHA-${alg.slice(2)}`;

/** The WebCrypto algorithm of a key, by its `alg` (RFC 7518, section 3.1) or, without one, by its type. */
const algorithmOf = ({ kty, crv, alg }: Jwk): EcKeyImportParams | RsaHashedImportParams | Algorithm => {
  if (kty === "OKP") return { name: "Ed25519" };
  if (kty === "EC") return { name: "ECDSA", namedCurve: crv ?? "P-256" };
  const rsa = alg ?? "RS256";
  return { name: rsa.startsWith("PS") ? "RSA-PSS" : "RSASSA-PKCS1-v1_5", hash: hashOf(rsa) };
};

/**
 * A client assertion (RFC 7523, `private_key_jwt`) for one server: good for a minute, its audience is the issuer.
 * @returns undefined when the key is no private JWK that can sign.
 */
export const clientAssertion = async (
  key: ClientKey,
  clientId: string,
  audience: string,
): Promise<Secret | undefined> => {
  const jwk = parsedKey(key);
  if (jwk === undefined) return undefined;
  const imported = await importKey(jwk);
  if (imported === undefined) return undefined;
  const { PrivateKeyJwt } = await import("openid-client");
  const { kid } = jwk;
  // Declared as void, though it signs asynchronously.
  const authenticate: (...given: Parameters<ClientAuth>) => unknown = PrivateKeyJwt({
    key: imported,
    ...(kid === undefined ? {} : { kid }),
  });
  const body = new URLSearchParams();
  await authenticate({ issuer: audience }, { client_id: clientId }, body, new Headers());
  const assertion = body.get("client_assertion");
  return assertion === null ? undefined : new Secret(assertion);
};

const parsedKey = (key: ClientKey): Jwk | undefined => {
  try {
    return jwkSchema.safeParse(JSON.parse(key.reveal())).data;
  } catch {
    return undefined;
  }
};

const importKey = async (jwk: Jwk): Promise<CryptoKey | undefined> => {
  try {
    const { alg: _alg, ...material } = jwk;
    return await crypto.subtle.importKey("jwk", material, algorithmOf(jwk), false, ["sign"]);
  } catch {
    return undefined;
  }
};
