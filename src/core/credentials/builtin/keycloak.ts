import * as z from "zod";
import { grantsWith, statusRules } from "../reply/commonRules.ts";
import { untilAborted } from "../../abort.ts";
import type { Connector } from "../../config/connector.ts";
import { secureUrlSchema, type DeclarationInput, type ReplyRuleInput } from "../declaration.ts";
import type { SourceResult } from "../grant.ts";
import { codedSource, performDeclared, type SourceRow } from "../row.ts";
import { resolvePointer } from "../request/pointer.ts";
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

/** What the person cannot mend by linking. */
const refusals: readonly ReplyRuleInput[] = [
  {
    when: { status: 502, match: { "/error": { contains: "Could not obtain token" } } },
    then: {
      grant: "misconfigured",
      problem: "{0} has no identity provider of this alias, or it is disabled there. Check the alias.",
      passes: true,
    },
  },
  {
    when: { status: 403 },
    then: {
      grant: "denied",
      by: "policy",
      reason: "You lack the role broker.read-token, or the scope of the client does not carry it.",
    },
  },
  {
    when: { status: 400, match: saying("does not support this operation") },
    then: {
      grant: "misconfigured",
      problem: '{0} does not keep tokens of this identity provider: turn on "Store tokens" there.',
    },
  },
  {
    when: { status: 400, match: saying("feature not enabled") },
    then: {
      grant: "misconfigured",
      problem:
        "{0} has the first version of its brokering interface turned off, and the second takes no public clients.",
    },
  },
];

const refreshFailed = "Unable to refresh token";

/** Keycloak's own words are not shown: they name the person by an id, and blame the client for a role of theirs. */
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
    when: { status: 502, match: saying(refreshFailed) },
    then: {
      grant: "needsConnection",
      url: connectUrl,
      reason: "The provider has ended the stored token. Link the account again.",
    },
  },
  ...refusals,
  ...statusRules,
];

const realmOf = ({ realm }: z.output<typeof config>, connector: Connector): string =>
  (realm ?? connector.userAuth.issuer).replace(/\/+$/, "");

const declarationOf = (given: z.output<typeof config>, realm: string): DeclarationInput => {
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
    says: ["/error_description", "/error"],
    replies: "jsonOrForm",
  };
};

/**
 * Keycloak's broker token endpoint, first version: the upstream token that it stored at sign-in or linking. It keeps
 * the end of OpenID tokens in `accessTokenExpiration`; `expires_in` counts from a time that the reply does not tell.
 *
 * Keycloak renews a stored token when it is asked for, once for each who asks: with a provider that rotates refresh
 * tokens, questions that overlap end the grant for good. So they are asked one at a time, and a renewal that failed is
 * asked for once more, for others may have asked as well.
 */
export const keycloak: SourceRow<typeof config> = codedSource({
  config,
  query: async (given, query, ports) => {
    const realm = realmOf(given, query.connector);
    const declared = declarationOf(given, realm);
    const ask = async (): Promise<SourceResult & { readonly hasFailed: boolean }> => {
      query.signal.throwIfAborted();
      let hasFailed = false;
      const see = (body: unknown): void => {
        hasFailed = resolvePointer(body, "/errorMessage") === refreshFailed;
      };
      const answer = await performDeclared(declared, {}, query, ports, {}, { see });
      return { ...answer, hasFailed };
    };
    const askTwice = async (): Promise<SourceResult> => {
      const first = await ask();
      return first.hasFailed ? ask() : first;
    };
    const name = `keycloak ${JSON.stringify([realm, given.alias, query.session.id])}`;
    const asked = ports.keeper?.alone(name, askTwice) ?? askTwice();
    const { grant, answeredBy } = await untilAborted(asked, query.signal);
    return { grant, answeredBy };
  },
  destinations: ({ realm }, connector) => [realm ?? connector.userAuth.issuer],
});
