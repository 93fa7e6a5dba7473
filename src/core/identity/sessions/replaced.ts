import type { Secret } from "../../secret.ts";
import type { Revocable } from "../signOut/revocation.ts";
import { mostReplaced, recordId, sameSecret, type LiveRecord } from "./records.ts";
import type { SessionStore } from "./sessionStore.ts";

/** A record that takes a living one's place, and what of that one can be revoked at once. */
export interface Succession {
  readonly record: LiveRecord;
  readonly before?: Revocable;
}

/**
 * A sign-in that takes another's place takes over what has to be revoked one day. The old access token goes at once; the
 * old refresh token only with the session, for at many IdPs (Keycloak, oidc-provider) it carries the new one's grant.
 */
export const succeeding = async (store: SessionStore, record: LiveRecord): Promise<Succession> => {
  const stored = await store.read(await recordId(record), "forPerson").catch(() => undefined);
  if (stored?.kind !== "live") return { record };
  const { issuer, clientId, accessToken } = stored.record;
  const isSame = sameSecret(accessToken, record.accessToken);
  return {
    record: withReplaced(record, [...(stored.record.replaced ?? []), stored.record.refreshToken]),
    ...(isSame ? {} : { before: { issuer, clientId, accessToken } }),
  };
};

export const withReplaced = (record: LiveRecord, tokens: readonly (Secret | undefined)[]): LiveRecord => {
  const known = new Map(
    [...(record.replaced ?? []), ...tokens]
      .filter((token) => token !== undefined)
      .filter((token) => !sameSecret(token, record.refreshToken))
      .map((token) => [token.reveal(), token]),
  );
  return known.size === 0 ? record : { ...record, replaced: [...known.values()].slice(-mostReplaced) };
};
