import * as oauth from "openid-client";
import { clientFor, clientOf } from "../idp/client.ts";
import { startTrace, withTrace } from "../../trace.ts";
import type { IdentityContext } from "../context.ts";
import type { LiveRecord } from "../sessions/records.ts";

/** Tokens, and whose they are. */
export type Revocable = Pick<LiveRecord, "issuer" | "clientId"> &
  Partial<Pick<LiveRecord, "clientSecret" | "accessToken" | "refreshToken" | "replaced">>;

/**
 * Tells the IdP that a session's tokens are no longer wanted (RFC 7009). Never rejects.
 * @returns whether the IdP has confirmed it for all of them.
 */
export const revokeTokens = async (context: IdentityContext, record: Revocable): Promise<boolean> => {
  const trace = startTrace();
  const { traceId } = trace;
  try {
    const metadata = await context.discovery.metadata(record.issuer, new AbortController().signal);
    if (metadata.revocation_endpoint === undefined) return false;
    const configuration = clientFor(metadata, {
      ...clientOf(record),
      fetch: withTrace(context.fetch, trace),
      clockToleranceSeconds: context.options.clockToleranceSeconds,
    });
    const revoke = (token: string, hint: string): Promise<void> =>
      oauth.tokenRevocation(configuration, token, { token_type_hint: hint });
    // The refresh token first: at many IdPs it takes the access tokens with it.
    const refreshTokens = [record.refreshToken, ...(record.replaced ?? [])].filter(
      (token) => token !== undefined,
    );
    for (const token of refreshTokens) await revoke(token.reveal(), "refresh_token");
    if (record.accessToken !== undefined) await revoke(record.accessToken.reveal(), "access_token");
    context.log.info("identity.revoked", { traceId });
    return true;
  } catch {
    context.log.warn("identity.revocation.failed", { traceId });
    return false;
  }
};
