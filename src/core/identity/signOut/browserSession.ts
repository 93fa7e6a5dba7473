import * as oauth from "openid-client";
import { clientFor } from "../idp/client.ts";
import type { IdentityContext } from "../context.ts";
import type { BrowserSession } from "../session.ts";
import type { LiveRecord } from "../sessions/records.ts";
import { Secret } from "../../secret.ts";
import { asciiUrl, isSecureUrl } from "../../urls.ts";

/**
 * The IdP's page that ends its session in the person's browser (OpenID Connect RP-Initiated Logout 1.0, section 2), for
 * the person to open: with the ID token as a hint where one was kept, else with the client's id alone. Never rejects.
 * @returns undefined where the metadata names no page that may be opened.
 */
export const browserSessionOf = async (
  context: IdentityContext,
  { issuer, clientId, idToken }: Pick<LiveRecord, "issuer" | "clientId" | "idToken">,
): Promise<BrowserSession | undefined> => {
  try {
    const metadata = await context.discovery.metadata(issuer, new AbortController().signal);
    const page = URL.parse(metadata.end_session_endpoint ?? "");
    if (page === null || !isSecureUrl(page)) return undefined;
    const { clockToleranceSeconds } = context.options;
    const client = clientFor(metadata, { clientId, fetch: context.fetch, clockToleranceSeconds });
    const hint = idToken === undefined ? {} : { id_token_hint: idToken.reveal() };
    const { href } = oauth.buildEndSessionUrl(client, hint);
    return { page: asciiUrl(page.href), url: new Secret(href) };
  } catch {
    return undefined;
  }
};
