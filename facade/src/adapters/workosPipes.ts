import * as z from "zod";
import { notSetUp, unavailable, type FacadeAnswer } from "../core/answer.ts";
import { secretPlace, secureAddress } from "../core/config/parts.ts";
import { claimAt } from "../core/subject/person.ts";
import { textOf, type WireReply } from "../core/wire.ts";
import { adapter, vaultFailure, type FailureRule } from "./adapter.ts";
import { tokenTypeOf } from "./oauth.ts";

/** What WorkOS refuses, from its documents and SDK; no live environment was called. */
export const workosRules: readonly FailureRule[] = [
  { status: 403, then: () => unavailable("WorkOS does not let the facade's key do this.") },
  { status: 404, then: () => notSetUp("WorkOS knows no such integration, or no such person.") },
];

const given = z.looseObject({
  active: z.literal(true),
  access_token: z.looseObject({
    access_token: z.string().min(1),
    expires_at: z.string().nullish(),
    missing_scopes: z.array(z.string()).default([]),
  }),
});

/** WorkOS Pipes. Replies are 200 both ways. */
export const workosPipes = adapter({
  vault: z.strictObject({
    adapter: z.literal("workos-pipes").describe("WorkOS Pipes."),
    url: secureAddress.default("https://api.workos.com"),
    apiKey: secretPlace,
  }),
  target: z.strictObject({
    integration: z
      .string()
      .regex(/^[\w-]+$/)
      .describe("The integration's slug, such as github."),
    userClaim: z.array(z.string().min(1)).min(1).default(["sub"]).describe("The claim with WorkOS' user id."),
    organizationClaim: z.array(z.string().min(1)).min(1).optional(),
  }),
  ask: async ({ vault, target, person, secret, wire, page }) => {
    const user = claimAt(person.claims, target.userClaim);
    if (typeof user !== "string")
      return notSetUp("The user's token lacks the claim with the WorkOS user id.");
    const organization = claimAt(person.claims, target.organizationClaim ?? []);
    const who = {
      user_id: user,
      ...(typeof organization === "string" ? { organization_id: organization } : {}),
    };
    const headers = { authorization: `Bearer ${(await secret(vault.apiKey)).reveal()}` };
    const result = await wire({ url: addressAt(vault, target, "token"), headers, json: who });
    if (result.kind === "unreachable") return unavailable(result.reason);
    if (result.status !== 200 && result.status !== 201) return vaultFailure(result, workosRules);
    const read = workosGrant(result);
    return read ?? { kind: "connect", url: await page(who), reason: "Connect your account first." };
  },
  connect: {
    // WorkOS ends it by itself, and says to whom an account is about to be connected.
    begin: async ({ vault, target, memo, returnTo, secret, wire }) => {
      const headers = { authorization: `Bearer ${(await secret(vault.apiKey)).reveal()}` };
      const json = { ...memo, return_to: returnTo };
      const result = await wire({ url: addressAt(vault, target, "authorize"), headers, json });
      if (result.kind === "unreachable") return { kind: "failed", reason: "WorkOS does not answer now." };
      const url = textOf(result.body, "url");
      return url === undefined || result.status > 299
        ? { kind: "failed", reason: "WorkOS has named no page for it." }
        : { kind: "go", url };
    },
  },
});

const addressAt = (
  vault: { readonly url: string },
  target: { readonly integration: string },
  what: "token" | "authorize",
): string => new URL(`/data-integrations/${target.integration}/${what}`, vault.url).href;

/** Undefined where the account has to be connected: not yet, again, or with more scopes. */
const workosGrant = ({ body }: WireReply): FacadeAnswer | undefined => {
  const read = given.safeParse(body);
  if (!read.success || read.data.access_token.missing_scopes.length > 0) return undefined;
  const { access_token: token, expires_at: until } = read.data.access_token;
  const seconds = Math.floor((Date.parse(until ?? "") - Date.now()) / 1000);
  return {
    ...{ kind: "granted", token, tokenType: "Bearer", issuedTokenType: tokenTypeOf("access_token") },
    ...(Number.isFinite(seconds) ? { expiresInSeconds: Math.max(0, seconds) } : {}),
  };
};
