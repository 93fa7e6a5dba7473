import type { IncomingHttpHeaders } from "node:http";
import { oauthError, type PageReply } from "../../http/reply.ts";

/** The user token of an Authorization header, Bearer (RFC 6750) or DPoP (RFC 9449 section 7.1). */
export const userToken = (headers: IncomingHttpHeaders): string | undefined =>
  /^(?:Bearer|DPoP) +([\w\-.~+/]+=*)$/i.exec(headers.authorization ?? "")?.[1];

/** No token, or a dead one. */
export const unauthorized = (reason: string): PageReply =>
  oauthError(401, "invalid_token", reason, {
    "www-authenticate": `Bearer error="invalid_token", error_description="${reason}"`,
  });
