import type { Secret } from "../../../../src/core/secret.ts";

/** Whom a user's token speaks for, once it has been verified. */
export interface FacadePerson {
  /** `sub` of the identity provider. */
  readonly subject: string;
  readonly sessionId: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly token: Secret;
  readonly tokenKind: "access_token" | "id_token";
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
  /** The thumbprint of the key that the token is bound to (RFC 9449, section 6.1). */
  readonly keyThumbprint: string | undefined;
}

/** What stands at a place within the claims. */
export const claimAt = (claims: FacadePerson["claims"], place: readonly string[]): unknown =>
  place.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, name)
        ? Reflect.get(value, name)
        : undefined,
    claims,
  );
