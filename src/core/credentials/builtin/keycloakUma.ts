import * as z from "zod";
import { grantsWith, oauthErrorRules, statusRules } from "../reply/commonRules.ts";
import {
  madeHeadersSchema,
  secureUrlSchema,
  type DeclarationInput,
  type ReplyRuleInput,
} from "../declaration.ts";
import { declaredSource, type SourceRow } from "../row.ts";
import { literal } from "../request/template.ts";
import { tokenEndpointOf } from "../request/tokenEndpoint.ts";

const config = z.object({
  source: z
    .literal("keycloak-uma")
    .describe("A token of Keycloak for one client, if its policies let this person have one."),
  audience: z.string().min(1).describe("The client that the connector is, with Authorization turned on."),
  permission: z
    .string()
    .min(1)
    .optional()
    .describe("The permission that is wanted, RESOURCE#SCOPE; all that the policies give if absent."),
  realm: secureUrlSchema
    .optional()
    .describe("The realm's URL, such as https://id.example.com/realms/acme; the issuer if absent."),
  headers: madeHeadersSchema
    .optional()
    .describe('The headers made of it; { "Authorization": "Bearer {credential}" } if absent.'),
});

type Config = z.output<typeof config>;

const rules: readonly ReplyRuleInput[] = [
  grantsWith("/access_token"),
  {
    when: { status: 403, match: { "/error": "access_denied" } },
    then: { grant: "denied", by: "policy", reason: "No policy of the client gives you a permission." },
  },
  {
    when: { match: { "/error": ["invalid_request", "invalid_resource", "invalid_scope", "unknown_client"] } },
    then: {
      grant: "misconfigured",
      problem:
        "{0} does not issue what the entry asks for ({2}). Check audience and permission, and that the client has Authorization turned on.",
    },
  },
  ...oauthErrorRules,
  ...statusRules,
];

const declaration = (endpoint: string, given: Config): DeclarationInput => ({
  request: {
    ...{ method: "POST", url: literal(endpoint), repeatable: true },
    form: {
      grant_type: "urn:ietf:params:oauth:grant-type:uma-ticket",
      audience: literal(given.audience),
      ...(given.permission === undefined ? {} : { permission: literal(given.permission) }),
    },
  },
  credential: { value: "/access_token", expiresIn: "/expires_in" },
  ...(given.headers === undefined ? {} : { headers: given.headers }),
  rules: [...rules],
});

/**
 * A token for one audience, by Keycloak's policies for the person, for a public client and without a facade (UMA 2.0
 * grant, Keycloak's "Obtaining Permissions").
 */
export const keycloakUma: SourceRow<typeof config> = declaredSource({
  config,
  declare: async (given, query, ports) => {
    const issuer = given.realm?.replace(/\/+$/, "");
    const endpoint = await tokenEndpointOf(query, ports, issuer);
    return typeof endpoint === "string" ? declaration(endpoint, given) : endpoint;
  },
  destinations: ({ realm }, connector) => [realm ?? connector.userAuth.issuer],
});
