import { importJWK, SignJWT } from "jose";
import * as z from "zod";
import { unavailable } from "../core/answer.ts";
import { secretPlace, secureAddress } from "../core/config/parts.ts";
import { secondsOf, type WireReply } from "../core/wire.ts";
import type { FacadeAnswer } from "../core/answer.ts";
import { adapter, askVault, type FailureRule } from "./adapter.ts";
import { exchangeGrant, grantedToken, oauthRules, tokenTypeOf } from "./oauth.ts";

/** What Okta answers, from its documents; no live tenant was called. Beside these it is as RFC 8693 has it. */
export const oktaRules: readonly FailureRule[] = [
  { error: "invalid_client", then: () => unavailable("Okta refuses the facade's key.") },
  ...oauthRules,
];

const jwk = z.looseObject({ kty: z.string(), alg: z.string().default("RS256"), kid: z.string().optional() });

/** A static secret of several members is JSON; of one, its value. */
const vaulted = z.record(z.string(), z.string());

const oktaGrant = (reply: WireReply): FacadeAnswer | undefined => {
  const read = vaulted.safeParse(reply.body["vaulted_secret"]);
  if (!read.success) return grantedToken(reply);
  const values = Object.values(read.data);
  const seconds = secondsOf(reply.body, "expires_in");
  return values[0] === undefined
    ? undefined
    : {
        ...{ kind: "granted", tokenType: "N_A" },
        token: values.length === 1 ? values[0] : JSON.stringify(read.data),
        issuedTokenType: "urn:okta:params:oauth:token-type:vaulted-secret",
        ...(seconds === undefined ? {} : { expiresInSeconds: seconds }),
      };
};

/** Okta's OAuth-STS ("brokered consent"), by the key of an agent. Its subject is the ID token. */
export const oktaSts = adapter({
  vault: z.strictObject({
    adapter: z
      .literal("okta-sts")
      .describe('Okta OAuth-STS. Set identityProvider.subjectTokens to ["id_token"].'),
    org: secureAddress.describe("https://ACME.okta.com"),
    clientId: z.string().min(1).describe("The agent's client."),
    clientKey: secretPlace.describe("Its private key, a JWK with `alg` and `kid`."),
  }),
  target: z.strictObject({ resource: z.string().min(1).describe("The managed connection's indicator.") }),
  ask: async ({ vault, target, person, secret, wire }) => {
    const url = new URL("/oauth2/v1/token", vault.org).href;
    const assertion = await assertionOf(vault.clientId, url, (await secret(vault.clientKey)).reveal());
    if (assertion === undefined) return unavailable("The facade's key for Okta is no private JWK.");
    const form = {
      grant_type: exchangeGrant,
      requested_token_type: "urn:okta:params:oauth:token-type:oauth-sts",
      subject_token: person.token.reveal(),
      subject_token_type: tokenTypeOf(person.tokenKind),
      resource: target.resource,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    };
    return askVault(wire, { url, form }, oktaRules, oktaGrant);
  },
});

/** A client assertion (RFC 7523, section 2.2); undefined where the key is none. */
const assertionOf = async (clientId: string, audience: string, text: string): Promise<string | undefined> => {
  try {
    const { kid, ...key } = jwk.parse(JSON.parse(text));
    const header = { alg: key.alg, ...(kid === undefined ? {} : { kid }) };
    return await new SignJWT({ iss: clientId, sub: clientId, aud: audience, jti: crypto.randomUUID() })
      .setProtectedHeader(header)
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(await importJWK(key));
  } catch {
    return undefined;
  }
};
