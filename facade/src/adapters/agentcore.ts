import * as z from "zod";
import { signV4 } from "../../../src/core/credentials/aws/sigv4.ts";
import { sha256Hex } from "../../../src/core/hash.ts";
import type { Secret } from "../../../src/core/secret.ts";
import { notSetUp, unavailable, type FacadeAnswer } from "../core/answer.ts";
import { secretPlace, secureAddress } from "../core/config/parts.ts";
import { textOf, type WireReply } from "../core/wire.ts";
import { adapter, vaultFailure, type AskingFor, type FailureRule } from "./adapter.ts";
import { tokenTypeOf } from "./oauth.ts";

/** What AgentCore Identity refuses, from its API reference and SDK; no live account was called. */
export const agentcoreRules: readonly FailureRule[] = [
  { status: 403, then: () => unavailable("AWS does not let the facade's key do this.") },
  {
    status: 404,
    then: () => notSetUp("AgentCore knows no such workload identity, or no such credential provider."),
  },
];

const vaultPart = z.strictObject({
  adapter: z.literal("agentcore").describe("Amazon Bedrock AgentCore Identity."),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .describe("Such as us-east-1."),
  url: secureAddress.optional().describe("Its data plane, where it is another than the region's."),
  workload: z.string().min(1).describe("The workload identity that asks in people's names."),
  accessKeyId: secretPlace,
  secretAccessKey: secretPlace,
  sessionToken: secretPlace.optional(),
});
const targetPart = z.strictObject({
  provider: z.string().min(1).describe("The credential provider, as AgentCore calls it."),
  scopes: z.array(z.string().min(1)).min(1),
});

interface Called extends Pick<AskingFor, "secret" | "wire"> {
  readonly vault: z.output<typeof vaultPart>;
}

/** One call of the data plane, signed. A reply that is no success is an answer already. */
const call = async (
  { vault, secret, wire }: Called,
  path: string,
  json: object,
): Promise<WireReply | FacadeAnswer> => {
  const url = new URL(
    `/identities/${path}`,
    vault.url ?? `https://bedrock-agentcore.${vault.region}.amazonaws.com`,
  );
  const held = async (place: z.output<typeof secretPlace> | undefined): Promise<Secret | undefined> =>
    place === undefined ? undefined : secret(place);
  const sessionToken = await held(vault.sessionToken);
  const headers = await signV4(
    {
      ...{ service: "bedrock-agentcore", region: vault.region },
      accessKeyId: (await secret(vault.accessKeyId)).reveal(),
      secretAccessKey: await secret(vault.secretAccessKey),
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    {
      ...{ method: "POST", url, headers: { "content-type": "application/json" }, atMs: Date.now() },
      bodyHash: await sha256Hex(JSON.stringify(json)),
    },
  );
  const result = await wire({ url: url.href, headers, json });
  if (result.kind === "unreachable") return unavailable(result.reason);
  return result.status === 200 ? result : vaultFailure(result, agentcoreRules);
};

type TokenReply =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "session"; readonly url: string; readonly session: string };

/** The person's token at the provider, or where they give it. AgentCore knows the person by `iss` and `sub` of the JWT. */
const tokenFor = async (
  called: Called,
  target: z.output<typeof targetPart>,
  userToken: Secret,
  returnTo: string,
): Promise<TokenReply | FacadeAnswer> => {
  const workload = await call(called, "GetWorkloadAccessTokenForJWT", {
    ...{ workloadName: called.vault.workload, userToken: userToken.reveal() },
  });
  if (workload.kind !== "reply") return workload;
  const result = await call(called, "oauth2/token", {
    workloadIdentityToken: textOf(workload.body, "workloadAccessToken"),
    resourceCredentialProviderName: target.provider,
    scopes: target.scopes,
    oauth2Flow: "USER_FEDERATION",
    resourceOauth2ReturnUrl: returnTo,
  });
  if (result.kind !== "reply") return result;
  const token = textOf(result.body, "accessToken");
  if (token !== undefined) return { kind: "token", token };
  const [url, session] = [textOf(result.body, "authorizationUrl"), textOf(result.body, "sessionUri")];
  return url === undefined || session === undefined
    ? notSetUp("AgentCore's reply holds no token, and no page either.")
    : { kind: "session", url, session };
};

const reasonOf = (answer: FacadeAnswer): string =>
  "reason" in answer ? answer.reason : "AgentCore has named no page for it.";

/** AgentCore Identity, by a workload identity, with tokens that people have given it (three-legged). */
export const agentcore = adapter({
  vault: vaultPart,
  target: targetPart,
  ask: async ({ vault, target, person, secret, wire, page, returnTo }) => {
    const answer = await tokenFor({ vault, secret, wire }, target, person.token, returnTo);
    if (answer.kind === "token")
      return {
        ...{ kind: "granted", token: answer.token, tokenType: "Bearer" },
        issuedTokenType: tokenTypeOf("access_token"),
      };
    return answer.kind === "session"
      ? { kind: "connect", url: await page(), reason: "Connect your account first." }
      : answer;
  },
  connect: {
    // A session of the page's own sign-in: what was begun for the question is given up.
    begin: async ({ vault, target, idToken, returnTo, secret, wire }) => {
      const answer = await tokenFor({ vault, secret, wire }, target, idToken, returnTo);
      if (answer.kind === "token") return { kind: "connected" };
      return answer.kind === "session"
        ? {
            ...{ kind: "go", url: answer.url },
            keep: { session: answer.session, token: idToken.reveal() },
          }
        : { kind: "failed", reason: reasonOf(answer) };
    },
    /** Session binding: what another person has given is bound to nobody. */
    finish: async ({ vault, keep: { session, token }, query, secret, wire }) => {
      if (session === undefined || query.get("session_id") !== session)
        return { kind: "failed", reason: "AgentCore's answer is not the one to this page." };
      const result = await call({ vault, secret, wire }, "CompleteResourceTokenAuth", {
        ...{ sessionUri: session, userIdentifier: { userToken: token } },
      });
      return result.kind === "reply" ? { kind: "connected" } : { kind: "failed", reason: reasonOf(result) };
    },
  },
});
