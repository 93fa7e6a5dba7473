import { interactionPolicy, type KoaContextWithOIDC } from "oidc-provider";
import { acrMfa, acrPassword } from "../acr.ts";

/** Weakest first: whoever has a stronger one also has the weaker. */
const ladder: readonly string[] = [acrPassword, acrMfa];

/** The first of the wished-for values that this IdP knows (OpenID Connect Core section 3.1.2.1). */
export const wantedAcr = (acrValues: unknown): string | undefined =>
  typeof acrValues === "string" ? acrValues.split(" ").find((value) => ladder.includes(value)) : undefined;

export const reaches = (acr: string | undefined, wanted: string): boolean =>
  acr !== undefined && ladder.indexOf(acr) >= ladder.indexOf(wanted);

/** Reasons to ask that are about strength alone, so that the one-time code is all that is missing. */
export const strengthReasons: readonly string[] = ["acr_values", "essential_acr", "essential_acrs"];

/** oidc-provider's own rules, but `acr_values` is honoured, and Acme's own client needs no consent page. */
export const loginPolicy = (): interactionPolicy.DefaultPolicy => {
  const policy = interactionPolicy.base();
  policy.get("login")?.checks.add(
    new interactionPolicy.Check(
      "acr_values",
      "a stronger sign-in was asked for",
      "unmet_authentication_requirements",
      (ctx: KoaContextWithOIDC) => {
        const wanted = wantedAcr(ctx.oidc.params?.["acr_values"]);
        return wanted !== undefined && !reaches(ctx.oidc.session?.acr, wanted);
      },
    ),
  );
  policy.get("consent")?.checks.remove("native_client_prompt");
  return policy;
};
