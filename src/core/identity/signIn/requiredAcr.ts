import type { IdentityService, SessionInfo, SignInRequest } from "../session.ts";

/** What a sign-in has to be, by policy: one of these, or anything when it is `undefined`. */
export type RequiredAcr = () => readonly string[] | undefined;

/**
 * Identity with the required `acr` at each of its doors: a session that was signed in more weakly is handed to nobody,
 * who needs it is told to step up, and a sign-in asks for what is required.
 */
export const requireAcr = (identity: IdentityService, required: RequiredAcr): IdentityService => {
  const isStrong = ({ acr }: SessionInfo): boolean =>
    required()?.some((acceptable) => acceptable === acr) ?? true;
  return {
    onDidChange: (listener) => identity.onDidChange(listener),
    list: () => identity.list(),
    signOut: (sessionId) => identity.signOut(sessionId),
    dispose: () => identity.dispose(),
    signIn: (request, ports, signal) => identity.signIn(strengthened(request, required()), ports, signal),
    stored: async (sessionId) => {
      const session = await identity.stored(sessionId);
      return session !== undefined && isStrong(session) ? session : undefined;
    },
    renewed: async (sessionId, signal) => {
      const session = await identity.renewed(sessionId, signal);
      return session !== undefined && isStrong(session) ? session : undefined;
    },
    fresh: async (need, options) => {
      const answer = await identity.fresh(need, options);
      if (answer.kind !== "active" || isStrong(answer.session)) return answer;
      return {
        kind: "stepUp",
        how: { kind: "reauthenticate", acrValues: required() ?? [] },
        reason: demanded,
      };
    },
  };
};

const demanded = "Your administrator requires it.";

/** What a vault asks for counts as far as the policy accepts it; the policy's own list stands for everything else. */
export const strengthened = (
  request: SignInRequest,
  required: readonly string[] | undefined,
): SignInRequest => {
  if (required === undefined || required.length === 0) return request;
  const asked = (request.acrValues ?? []).filter((acr) => required.includes(acr));
  return { ...request, acrValues: asked.length > 0 ? asked : required };
};
