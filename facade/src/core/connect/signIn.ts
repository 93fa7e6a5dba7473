import * as oauth from "openid-client";
import { boundedFetch } from "../../../../src/core/http.ts";
import type { Clock, Fetch } from "../../../../src/core/ports.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { isLoopback } from "../../../../src/core/urls.ts";
import type { SecretPlace } from "../config/parts.ts";
import type { FacadeIdp } from "../config/schema.ts";
import { knownErrorCode } from "../errorCodes.ts";
import type { IdpMetadata } from "../subject/metadata.ts";

/** What of a sign-in has to be remembered until the identity provider answers. */
export interface SignInBegun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who has signed in at the page, and the tokens of that sign-in. */
export interface PagePerson {
  readonly subject: string;
  readonly idToken: Secret;
  readonly accessToken: Secret;
}

export type SignedIn =
  | { readonly kind: "person"; readonly person: PagePerson }
  /** The reason is a code or a kind, for the record. */
  | { readonly kind: "failed"; readonly reason: string };

/** Signs a person in at the page by the facade's own client: authorization code, PKCE, state and nonce. */
export interface PageSignIn {
  /** Undefined while the identity provider cannot be asked, or has no such page. */
  begin(
    more: Readonly<Record<string, string>>,
  ): Promise<{ readonly url: string; readonly begun: SignInBegun } | undefined>;
  finish(query: string, begun: SignInBegun): Promise<SignedIn>;
}

export interface PageSignInParts {
  readonly idp: FacadeIdp;
  /** The redirect that is registered for the facade's client. */
  readonly redirectUri: string;
  readonly metadata: () => Promise<IdpMetadata | undefined>;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
}

export const pageSignInBy = (parts: PageSignInParts): PageSignIn => ({
  begin: async (more) => {
    const client = await clientBy(parts);
    if (client?.serverMetadata().authorization_endpoint === undefined) return undefined;
    const begun = {
      state: oauth.randomState(),
      nonce: oauth.randomNonce(),
      verifier: oauth.randomPKCECodeVerifier(),
    };
    const url = oauth.buildAuthorizationUrl(client, {
      ...{ scope: "openid", ...more, redirect_uri: parts.redirectUri },
      ...{ state: begun.state, nonce: begun.nonce, code_challenge_method: "S256" },
      code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    });
    return { url: url.href, begun };
  },
  finish: async (query, { state, nonce, verifier }) => {
    const client = await clientBy(parts);
    if (client === undefined) return { kind: "failed", reason: "unavailable" };
    try {
      // The address is the configured one, whatever the request calls itself.
      const tokens = await oauth.authorizationCodeGrant(client, new URL(`${parts.redirectUri}${query}`), {
        ...{ pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      });
      const [subject, idToken] = [tokens.claims()?.sub, tokens.id_token];
      if (subject === undefined || idToken === undefined) return { kind: "failed", reason: "no_id_token" };
      const person = {
        ...{ subject, idToken: new Secret(idToken), accessToken: new Secret(tokens.access_token) },
      };
      return { kind: "person", person };
    } catch (error) {
      return { kind: "failed", reason: reasonOf(error) };
    }
  },
});

/** By its code alone, where that is a known one: the rest is the identity provider's text, or the browser's. */
const reasonOf = (error: unknown): string => {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError)
    return knownErrorCode(error.error) ?? "refused";
  if (error instanceof oauth.ClientError) return error.code ?? "refused";
  return error instanceof Error ? error.constructor.name : typeof error;
};

const clientBy = async ({
  idp,
  metadata,
  fetch,
  clock,
  secret,
}: PageSignInParts): Promise<oauth.Configuration | undefined> => {
  const known = await metadata();
  if (known === undefined) return undefined;
  const { issuer, token_endpoint, authorization_endpoint, jwks_uri } = known;
  const algorithms = known["id_token_signing_alg_values_supported"];
  const held = (await secret(idp.clientSecret)).reveal();
  const configuration = new oauth.Configuration(
    {
      ...{ issuer, token_endpoint, jwks_uri },
      ...(authorization_endpoint === undefined ? {} : { authorization_endpoint }),
      authorization_response_iss_parameter_supported:
        known["authorization_response_iss_parameter_supported"] === true,
      ...(Array.isArray(algorithms)
        ? {
            id_token_signing_alg_values_supported: algorithms.filter(
              (each): each is string => typeof each === "string",
            ),
          }
        : {}),
    },
    idp.clientId,
    { [oauth.clockTolerance]: 5 },
    idp.clientAuth === "basic" ? oauth.ClientSecretBasic(held) : oauth.ClientSecretPost(held),
  );
  if (isLoopback(new URL(issuer))) allowHttp(configuration);
  const bounded = boundedFetch(fetch, clock);
  configuration[oauth.customFetch] = (url, { method, headers, body, signal }) =>
    bounded(url, {
      ...{ method, headers, body: body instanceof URLSearchParams ? body : null },
      ...(signal === undefined ? {} : { signal }),
    });
  return configuration;
};

/** Plain http for an issuer on this machine; every request passes `assertSecureUrl` besides. */
const allowHttp: (configuration: oauth.Configuration) => void =
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked deprecated to make it stand out, not to replace it
  oauth.allowInsecureRequests;
