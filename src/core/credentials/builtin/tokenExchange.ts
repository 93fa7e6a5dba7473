import * as z from "zod";
import { challengeRules, grantsWith, oauthErrorRules, statusRules } from "../reply/commonRules.ts";
import { madeHeadersSchema, resourceSchema, secureUrlSchema, type DeclarationInput } from "../declaration.ts";
import { withoutUndefined } from "../request/variables.ts";
import { declaredSource, type SourceRow } from "../row.ts";
import { literal } from "../request/template.ts";
import { tokenEndpointOf } from "../request/tokenEndpoint.ts";

export const tokenExchangeGrantType = "urn:ietf:params:oauth:grant-type:token-exchange";
export const tokenType = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`;

const config = z.object({
  source: z
    .literal("token-exchange")
    .describe("The identity provider exchanges the sign-in for a token of this connector (RFC 8693)."),
  endpoint: secureUrlSchema
    .optional()
    .describe("Where tokens are exchanged; the issuer's own token endpoint if absent."),
  resource: resourceSchema
    .optional()
    .describe("The protected resource the credential is for (RFC 8707); the connector's URL if absent."),
  audience: z
    .string()
    .optional()
    .describe("The audience's logical name, as the authorization server knows it."),
  scopes: z.string().optional().describe("Scopes of the credential, separated by blanks."),
  subjectToken: z
    .enum(["access_token", "id_token"])
    .optional()
    .describe("Which of the user's tokens is exchanged; the access token if absent."),
  requestedTokenType: z.string().optional().describe("RFC 8693, section 3: the type of token to ask for."),
  headers: madeHeadersSchema
    .optional()
    .describe('The headers made of the reply; { "Authorization": "Bearer {credential}" } if absent.'),
  deferred: z
    .boolean()
    .optional()
    .describe("Tells the server that its answer may come later (completion_mode=deferred)."),
});

type Config = z.output<typeof config>;

const post = (endpoint: string, form: Readonly<Record<string, string>>): DeclarationInput["request"] => ({
  method: "POST",
  url: literal(endpoint),
  headers: {},
  form: { client_id: "{clientId}", ...form },
});

const question = (given: Config): Readonly<Record<string, string>> => {
  const subject = given.subjectToken ?? "access_token";
  const { requestedTokenType, deferred } = given;
  return withoutUndefined({
    grant_type: tokenExchangeGrantType,
    subject_token: subject === "id_token" ? "{idToken}" : "{userToken}",
    subject_token_type: tokenType(subject),
    resource: "{resource}",
    audience: "{audience}",
    scope: "{scopes}",
    requested_token_type: requestedTokenType === undefined ? undefined : literal(requestedTokenType),
    completion_mode: deferred === true ? "deferred" : undefined,
  });
};

const declaration = (endpoint: string, given: Config): DeclarationInput => ({
  request: post(endpoint, question(given)),
  deferred: {
    request: post(endpoint, {
      grant_type: "urn:ietf:params:oauth:grant-type:deferred",
      deferral_code: "{deferralCode}",
    }),
  },
  credential: { value: "/access_token", expiresIn: "/expires_in" },
  ...(given.headers === undefined ? {} : { headers: given.headers }),
  rules: [grantsWith("/access_token"), ...challengeRules, ...oauthErrorRules, ...statusRules],
});

/** RFC 8693 at the issuer's token endpoint or at a facade that speaks it. */
export const tokenExchange: SourceRow<typeof config> = declaredSource({
  config,
  target: ({ resource, audience, scopes }) => ({ resource, audience, scopes }),
  declare: async (given, query, ports) => {
    const endpoint = given.endpoint ?? (await tokenEndpointOf(query, ports));
    return typeof endpoint === "string" ? declaration(endpoint, given) : endpoint;
  },
  destinations: ({ endpoint }, connector) => [endpoint ?? connector.userAuth.issuer],
});
