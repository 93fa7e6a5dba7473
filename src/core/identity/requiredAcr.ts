import type { SignInRequest, SessionNeed, SourceAnswer, FreshOptions, IdentityService } from "./session.ts";

/** What a sign-in has to be, by policy: one of these, or anything when it is `undefined`. */
export type RequiredAcr = () => readonly string[] | undefined;

type Guarded = Pick<IdentityService, "fresh" | "signIn">;

/**
 * The two doors of identity, with the required `acr` in both: whoever asks for a session that was signed in more weakly
 * is told to step up, and a sign-in asks for what is required.
 */
export const requireAcr = (identity: Guarded, required: RequiredAcr): Guarded => ({
  fresh: async (need: SessionNeed, options: FreshOptions): Promise<SourceAnswer> => {
    const answer = await identity.fresh(need, options);
    const acrValues = required();
    if (answer.kind !== "active" || acrValues === undefined) return answer;
    const { acr } = answer.session;
    if (acr !== undefined && acrValues.includes(acr)) return answer;
    return { kind: "stepUp", how: { kind: "reauthenticate", acrValues }, reason: demanded };
  },
  signIn: (request, ports, signal) => identity.signIn(withAcr(request, required()), ports, signal),
});

const demanded = "Your administrator requires it.";

/** What a vault asks for counts as far as the policy knows it; the policy's own list stands for everything else. */
const withAcr = (request: SignInRequest, required: readonly string[] | undefined): SignInRequest => {
  if (required === undefined || required.length === 0) return request;
  const asked = (request.acrValues ?? []).filter((acr) => required.includes(acr));
  return { ...request, acrValues: asked.length > 0 ? asked : required };
};
