import * as z from "zod";
import { clientAssertion, jwtBearerAssertionType } from "../request/clientAssertion.ts";
import { grantsWith, oauthErrorRules, statusRules } from "../reply/commonRules.ts";
import {
  resourceSchema,
  secureUrlSchema,
  type DeclarationInput,
  type ReplyRuleInput,
} from "../declaration.ts";
import { type Refusal, misconfigured, type SourceResult } from "../grant.ts";
import { codedSource, performDeclared, type SourceRow } from "../row.ts";
import type { SourceQuery, SourcePorts } from "../source.ts";
import { literal } from "../request/template.ts";
import { tokenEndpointOf } from "../request/tokenEndpoint.ts";
import { Secret } from "../../secret.ts";
import { tokenExchangeGrantType, tokenType } from "./tokenExchange.ts";

const config = z.object({
  source: z
    .literal("id-jag")
    .describe(
      "The identity provider vouches for the person at the connector's own authorization server (ID-JAG).",
    ),
  audience: secureUrlSchema.describe("The issuer of the MCP server's authorization server."),
  resource: resourceSchema
    .optional()
    .describe("The MCP server's resource identifier (RFC 9728); the connector's URL if absent."),
  scopes: z.string().optional().describe("Scopes of the credential, separated by blanks."),
  clientKey: z
    .string()
    .min(1)
    .describe("The name of the private key, in the settings, that proves the client to both servers."),
  resourceClientId: z
    .string()
    .min(1)
    .optional()
    .describe("The client at the MCP server's authorization server; userAuth.clientId if absent."),
  endpoint: secureUrlSchema
    .optional()
    .describe("The IdP's token endpoint, as its metadata has it; nothing is sent to another."),
  resourceEndpoint: secureUrlSchema
    .optional()
    .describe(
      "The other server's token endpoint, as the metadata of the audience has it; nothing is sent to another.",
    ),
  subjectToken: z
    .enum(["id_token", "access_token"])
    .optional()
    .describe("Which of the user's tokens is exchanged; the ID token if absent."),
});

type Config = z.output<typeof config>;

const idJagType = tokenType("id-jag");
const assertionHeader = "X-Id-Jag";

/** Who asks, at one of the two servers. */
interface Client {
  readonly id: string;
  readonly assertion: Secret;
}

/** First step: the identity assertion, from the IdP (draft-ietf-oauth-identity-assertion-authz-grant, section 4.3). */
const assertionDeclaration = (endpoint: string, given: Config): DeclarationInput => {
  const subject = given.subjectToken ?? "id_token";
  return {
    request: {
      method: "POST",
      url: literal(endpoint),
      headers: {},
      form: {
        grant_type: tokenExchangeGrantType,
        requested_token_type: idJagType,
        subject_token: subject === "id_token" ? "{idToken}" : "{userToken}",
        subject_token_type: tokenType(subject),
        audience: "{audience}",
        resource: "{resource}",
        scope: "{scopes}",
        client_id: "{clientId}",
        client_assertion_type: jwtBearerAssertionType,
        client_assertion: "{clientAssertion}",
      },
    },
    credential: { value: "/access_token", expiresIn: "/expires_in" },
    headers: { [assertionHeader]: "{credential}" },
    rules: [
      {
        when: {
          status: "2xx",
          match: { "/access_token": { present: true }, "/issued_token_type": idJagType },
        },
        then: { grant: "granted" },
      },
      {
        when: { status: "2xx" },
        then: { grant: "misconfigured", problem: "{0} answered without an identity assertion (ID-JAG)." },
      },
      ...oauthErrorRules,
      ...statusRules,
    ],
  };
};

/** At the second server the user's token is not what was refused, so nobody has to sign in for it. */
const secondStepRules: readonly ReplyRuleInput[] = [
  {
    when: { status: "4xx", match: { "/error": ["invalid_grant", "invalid_request", "invalid_token"] } },
    then: {
      grant: "misconfigured",
      problem:
        "{0} does not accept the identity assertion ({2}). Check audience, resource and resourceClientId.",
    },
  },
  {
    when: { status: 401 },
    then: { grant: "misconfigured", problem: "{0} does not accept this client ({2})." },
  },
];

/** Second step: the credential, from the MCP server's authorization server (section 4.4). */
const credentialDeclaration = (endpoint: string, clientId: string): DeclarationInput => ({
  request: {
    method: "POST",
    url: literal(endpoint),
    headers: {},
    form: {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: "{stepToken}",
      scope: "{scopes}",
      client_id: literal(clientId),
      client_assertion_type: jwtBearerAssertionType,
      client_assertion: "{clientAssertion}",
    },
  },
  credential: { value: "/access_token", expiresIn: "/expires_in" },
  rules: [grantsWith("/access_token"), ...secondStepRules, ...oauthErrorRules, ...statusRules],
});

/** A client's proof for one server, or why there is none. */
const clientFor = async (
  given: Config,
  id: string,
  audience: string,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<Client | Refusal> => {
  const key = await ports.clientKey?.(given.clientKey, query.connector.userAuth.issuer);
  if (key === undefined) {
    return misconfigured(
      query.connector,
      'The setting lanyard.clientKeys holds no key "{0}" with the issuer {1}.',
      given.clientKey,
      query.connector.userAuth.issuer,
    );
  }
  const assertion = await clientAssertion(key, id, audience);
  return assertion === undefined
    ? misconfigured(
        query.connector,
        'The client key "{0}" is not a private key in JWK form.',
        given.clientKey,
      )
    : { id, assertion };
};

/** An assertion that is signed for a server goes to the endpoint that this server's own metadata names, whatever the entry says. */
const ownEndpoint = async (
  server: string,
  named: string | undefined,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<string | Refusal> => {
  const endpoint = await tokenEndpointOf(query, ports, server);
  if (typeof endpoint !== "string" || named === undefined) return endpoint;
  return URL.parse(named)?.href === URL.parse(endpoint)?.href
    ? endpoint
    : misconfigured(
        query.connector,
        "The entry names {0} as the token endpoint of {1}, whose own metadata names {2}. Nothing was sent.",
        ...[named, server, endpoint],
      );
};

const firstStep = async (
  given: Config,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult | Secret> => {
  const { issuer, clientId } = query.connector.userAuth;
  if (given.subjectToken !== "access_token" && query.session.idToken === undefined) {
    return own(
      misconfigured(query.connector, 'The sign-in has no ID token. Add "openid" to userAuth.scopes.'),
    );
  }
  const endpoint = await ownEndpoint(issuer, given.endpoint, query, ports);
  if (typeof endpoint !== "string") return own(endpoint);
  const client = await clientFor(given, clientId, issuer, query, ports);
  if ("kind" in client) return own(client);
  const declared = assertionDeclaration(endpoint, given);
  const answer = await performDeclared(declared, given, query, ports, { clientAssertion: client.assertion });
  const jag = answer.grant.kind === "granted" ? answer.grant.headers[assertionHeader] : undefined;
  return jag ?? answer;
};

const secondStep = async (
  given: Config,
  jag: Secret,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult> => {
  const endpoint = await ownEndpoint(given.audience, given.resourceEndpoint, query, ports);
  if (typeof endpoint !== "string") return own(endpoint);
  const id = given.resourceClientId ?? query.connector.userAuth.clientId;
  const client = await clientFor(given, id, given.audience, query, ports);
  if ("kind" in client) return own(client);
  const earlier = { stepToken: jag, clientAssertion: client.assertion };
  return performDeclared(credentialDeclaration(endpoint, id), given, query, ports, earlier);
};

const own = (grant: Refusal): SourceResult => ({ grant, answeredBy: "Lanyard" });

/** MCP's enterprise-managed authorization: the IdP vouches for the user at the MCP server's authorization server. */
export const idJag: SourceRow<typeof config> = codedSource({
  config,
  query: async (given, query, ports) => {
    const jag = await firstStep(given, query, ports);
    return jag instanceof Secret ? secondStep(given, jag, query, ports) : jag;
  },
  destinations: ({ endpoint, audience, resourceEndpoint }, connector) => [
    endpoint ?? connector.userAuth.issuer,
    resourceEndpoint ?? audience,
  ],
});
