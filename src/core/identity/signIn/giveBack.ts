import { Secret } from "../../secret.ts";
import type { IdentityContext } from "../context.ts";
import { withReplaced } from "../sessions/replaced.ts";
import { revokeTokens } from "../signOut/revocation.ts";
import type { SignInRequest } from "../session.ts";
import type { TokenReplies } from "./tokenReply.ts";

/**
 * Gives back what a sign-in brought that is refused here. Where the person has a session at the same IdP, the refresh
 * token may carry that one's grant: it is left with it, and goes when it goes. Never rejects.
 */
export const giveBack = async (
  context: IdentityContext,
  { issuer, clientId, secret }: Pick<SignInRequest, "issuer" | "clientId" | "secret">,
  replies: TokenReplies,
): Promise<void> => {
  const [accessToken, refreshToken] = ["access_token", "refresh_token"].map((name) => {
    const text = replies.text(name);
    return text === undefined ? undefined : new Secret(text);
  });
  if (accessToken === undefined && refreshToken === undefined) return;
  const isLeft = refreshToken !== undefined && (await leftWith(context, { issuer, clientId }, refreshToken));
  await revokeTokens(context, {
    ...{ issuer, clientId },
    ...(secret === undefined ? {} : { clientSecret: secret }),
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(refreshToken === undefined || isLeft ? {} : { refreshToken }),
  });
};

/** @returns whether a session here has taken it over. */
const leftWith = async (
  { store, log }: IdentityContext,
  of: Pick<SignInRequest, "issuer" | "clientId">,
  refreshToken: Secret,
): Promise<boolean> => {
  try {
    const live = (await store.all("forPerson"))
      .filter((stored) => stored.kind === "live")
      .filter(({ record }) => record.issuer === of.issuer && record.clientId === of.clientId);
    await Promise.all(
      live.map(({ record }) => store.write(withReplaced(record, [refreshToken]), "forPerson")),
    );
    return live.length > 0;
  } catch {
    log.warn("identity.giveBack.failed");
    return false;
  }
};
