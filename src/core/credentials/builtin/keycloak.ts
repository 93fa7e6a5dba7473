import * as z from "zod";
import { grantsWith, statusRules } from "../reply/commonRules.ts";
import { secureUrlSchema, type ReplyRuleInput } from "../declaration.ts";
import { declaredSource, type SourceRow } from "../row.ts";
import { literal } from "../request/template.ts";

const config = z.object({
  source: z.literal("keycloak").describe("The token that Keycloak keeps for a linked account."),
  alias: z.string().min(1).describe("The alias of the identity provider whose stored token is wanted."),
  realm: secureUrlSchema
    .optional()
    .describe("The realm's URL, such as https://id.example.com/realms/acme; the issuer if absent."),
  connectUrl: secureUrlSchema
    .optional()
    .describe("Where people link the account; the realm's account console if absent."),
});

/** Keycloak tells these answers apart by their words alone (IdentityBrokerService, `errorMessage`). */
const saying = (words: string): Record<string, { contains: string }> => ({
  "/errorMessage": { contains: words },
});

const rules = (connectUrl: string): ReplyRuleInput[] => [
  grantsWith("/access_token"),
  { when: { status: 400, match: saying("Invalid token") }, then: { grant: "signedOut" } },
  {
    when: { status: 400, match: saying("is not associated with identity provider") },
    then: { grant: "needsConnection", url: connectUrl, reason: "The account is not linked." },
  },
  {
    when: { status: 404, match: saying("No token stored") },
    then: {
      grant: "needsConnection",
      url: connectUrl,
      reason: "The account is linked, but its token is not stored. Link it again.",
    },
  },
  {
    when: { status: 403 },
    then: { grant: "denied", by: "policy", reason: "The client lacks the role broker.read-token." },
  },
  {
    when: { status: 400, match: saying("does not support this operation") },
    then: {
      grant: "misconfigured",
      problem:
        '{0} does not keep tokens of this identity provider: turn on "Store tokens" there. It said: {2}',
    },
  },
  ...statusRules,
];

/**
 * Keycloak's broker token endpoint, first version: the upstream token that it stored at sign-in or linking. It keeps
 * the end of OpenID tokens in `accessTokenExpiration`; `expires_in` counts from a time that the reply does not tell.
 */
export const keycloak: SourceRow<typeof config> = declaredSource({
  config,
  declare: (given, { connector }) => {
    const realm = (given.realm ?? connector.userAuth.issuer).replace(/\/+$/, "");
    const connectUrl = given.connectUrl ?? `${realm}/account/account-security/linked-accounts`;
    return {
      request: { url: literal(`${realm}/broker/${encodeURIComponent(given.alias)}/token`) },
      credential: { value: "/access_token", expiresAt: "/accessTokenExpiration" },
      rules: rules(connectUrl),
      expired: {
        grant: "needsConnection",
        url: connectUrl,
        reason: "The stored token has expired and was not renewed. Link the account again.",
      },
      says: ["/errorMessage", "/error_description", "/error"],
      replies: "jsonOrForm",
    };
  },
  destinations: ({ realm }, connector) => [realm ?? connector.userAuth.issuer],
});
