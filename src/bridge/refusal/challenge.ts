import type { IncomingMessage } from "node:http";
import { parseChallenge, parseChallenges } from "../../core/credentials/reply/challenge.ts";

/** That a connector wants more than the credential proves: of the person (RFC 9470), or of the credential (RFC 6750). */
export interface Wanted {
  readonly kind: "authentication" | "scope";
  /** The field as it came. */
  readonly challenge: string;
  /** The scopes that are wanting. */
  readonly scope: string;
}

const longestChallenge = 8_192;

/** @returns undefined for any other answer. */
export const wantedIn = ({ statusCode, headers }: IncomingMessage): Wanted | undefined => {
  const challenge = headers["www-authenticate"] ?? "";
  if ((statusCode !== 401 && statusCode !== 403) || challenge.length > longestChallenge) return undefined;
  const { error, scope = "" } = parseChallenge(challenge) ?? {};
  if (error === "insufficient_user_authentication") return { kind: "authentication", challenge, scope };
  return error === "insufficient_scope" ? { kind: "scope", challenge, scope } : undefined;
};

/** Whether a proof was refused for want of the nonce that comes with the refusal. */
export const wantsNonce = ({ statusCode, headers }: IncomingMessage): boolean => {
  const challenge = headers["www-authenticate"] ?? "";
  const isRefused = statusCode === 401 && challenge.length <= longestChallenge;
  return isRefused && parseChallenges(challenge).some(({ error }) => error === "use_dpop_nonce");
};
