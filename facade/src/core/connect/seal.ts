import { EncryptJWT, errors, jwtDecrypt } from "jose";
import type { Clock } from "../../../../src/core/ports.ts";
import type { Secret } from "../../../../src/core/secret.ts";

/** What a sealed text is for. None is taken for another. */
export type SealedFor = "ticket" | "sign-in" | "vault";

/**
 * Texts that go through a browser, which can neither read nor change them (JWE, RFC 7516). Every instance that has the
 * facade's secret opens what another has closed.
 */
export interface Seal {
  close(what: SealedFor, content: Readonly<Record<string, unknown>>, lifeMs: number): Promise<string>;
  /** Undefined where it is none of this facade's, is for something else, or is over. */
  open(what: SealedFor, text: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export interface SealParts {
  /** Of the facade's client, which all instances have; the key is derived of it. */
  readonly secret: () => Promise<Secret>;
  /** The facade's own address. */
  readonly url: string;
  readonly clock: Clock;
}

export const sealBy = ({ secret, url, clock }: SealParts): Seal => ({
  close: async (what, content, lifeMs) =>
    new EncryptJWT({ ...content })
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .setIssuer(url)
      .setAudience(what)
      .setExpirationTime(Math.floor((clock.now() + lifeMs) / 1000))
      .encrypt(await keyOf(await secret())),
  open: async (what, text) => {
    const key = await keyOf(await secret());
    try {
      const { payload } = await jwtDecrypt(text, key, {
        ...{ issuer: url, audience: what, currentDate: new Date(clock.now()) },
        ...{ keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] },
        requiredClaims: ["exp"],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  },
});

/** HKDF (RFC 5869), so that the key says nothing about the secret. */
const keyOf = async (secret: Secret): Promise<Uint8Array> => {
  const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const from = await crypto.subtle.importKey("raw", utf8(secret.reveal()), "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: utf8(""), info: utf8("lanyard-facade connect") };
  return new Uint8Array(await crypto.subtle.deriveBits(how, from, 256));
};
