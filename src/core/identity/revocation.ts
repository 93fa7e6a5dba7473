import * as oauth from "openid-client";
import { clientFor } from "./client.ts";
import type { IdentityKit } from "./kit.ts";
import type { LiveRecord } from "./records.ts";

/**
 * Tells the IdP that a session's tokens are no longer wanted (RFC 7009). Never rejects.
 * @returns whether the IdP has confirmed it for all of them.
 */
export const revokeTokens = async (kit: IdentityKit, record: LiveRecord): Promise<boolean> => {
  try {
    const metadata = await kit.discovery.metadata(record.issuer, new AbortController().signal);
    if (metadata.revocation_endpoint === undefined) return false;
    const configuration = clientFor(metadata, {
      clientId: record.clientId,
      fetch: kit.fetch,
      clockToleranceSeconds: kit.options.clockToleranceSeconds,
    });
    const revoke = (token: string, hint: string): Promise<void> =>
      oauth.tokenRevocation(configuration, token, { token_type_hint: hint });
    // The refresh token first: at many IdPs it takes the access tokens with it.
    if (record.refreshToken !== undefined) await revoke(record.refreshToken.reveal(), "refresh_token");
    await revoke(record.accessToken.reveal(), "access_token");
    return true;
  } catch {
    kit.log.warn("identity.revocation.failed");
    return false;
  }
};
