import * as oauth from "openid-client";
import { z } from "zod";
import { approvalView, type ApprovalView } from "../../../demo/admin/schema.ts";
import { type Acme, type AcmeOptions, startAcme } from "../../../demo/demo.ts";
import { Browserless, signInOverHttp } from "../../support/browserless.ts";

/** A client that has signed in at the demo company. */
export interface SignedIn {
  readonly config: oauth.Configuration;
  readonly tokens: oauth.TokenEndpointResponse & oauth.TokenEndpointResponseHelpers;
  readonly browser: Browserless;
}

export const redirectUri = "http://127.0.0.1:49321/callback";

export const discover = async (demo: Acme): Promise<oauth.Configuration> =>
  // The demo is on loopback, where plain http is what RFC 8252 expects.
  oauth.discovery(new URL(demo.idp), "lanyard", undefined, oauth.None(), {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated to stand out, not to go away
    execute: [oauth.allowInsecureRequests],
  });

/** The person with this name. */
export const personOf = (demo: Acme, username: string): Acme["users"][number] => {
  const user = demo.users.find((one) => one.username === username);
  if (user === undefined) throw new Error(`Nobody is called ${username}.`);
  return user;
};

/** Code flow with PKCE, as an editor does it. */
export const signIn = async (
  demo: Acme,
  username = "alice",
  parameters: Readonly<Record<string, string>> = {},
  browser: Browserless = new Browserless(),
): Promise<SignedIn> => {
  const config = await discover(demo);
  const verifier = oauth.randomPKCECodeVerifier();
  const state = oauth.randomState();
  const url = oauth.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid profile email",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...parameters,
  });
  const redirect = await signInOverHttp(url, personOf(demo, username), browser);
  const tokens = await oauth.authorizationCodeGrant(config, redirect, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  });
  return { config, tokens, browser };
};

export const connectorUrl = (demo: Acme, name: string): string => {
  const found = demo.connectors.find((connector) => connector.name === name);
  if (found === undefined) throw new Error(`There is no connector ${name}.`);
  return found.url;
};

/** What a vault answered. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Token exchange for one connector (RFC 8693); at the IdP, or at another address. */
export const exchange = async (
  demo: Acme,
  accessToken: string,
  connector: string,
  headers: Readonly<Record<string, string>> = {},
  endpoint: string = `${demo.idp}/token`,
): Promise<WireAnswer> => {
  const response = await fetch(endpoint, {
    method: "POST",
    headers,
    body: new URLSearchParams({
      client_id: "lanyard",
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: accessToken,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      resource: demo.connectors.find(({ name }) => name === connector)?.url ?? connector,
    }),
  });
  return wireAnswer(response);
};

export const wireAnswer = async (response: Response): Promise<WireAnswer> => ({
  status: response.status,
  headers: response.headers,
  body: (await response.json()) as Readonly<Record<string, unknown>>,
});

/** The secret of a granted exchange. */
export const grantedSecret = (answer: WireAnswer): string => {
  const secret = answer.body["access_token"];
  if (typeof secret !== "string") throw new Error(`Not granted: ${JSON.stringify(answer.body)}`);
  return secret;
};

/** Starts the company for one test file. */
export const start = (options: AcmeOptions = {}): Promise<Acme> => startAcme(options);

/** Sets a policy as an administrator. */
export const put = async (
  demo: Acme,
  connector: string,
  policy: Readonly<Record<string, unknown>>,
): Promise<WireAnswer> =>
  wireAnswer(
    await fetch(`${demo.admin}/api/policies/${connector}`, { method: "PUT", body: JSON.stringify(policy) }),
  );

export const revoke = async (demo: Acme, username: string): Promise<WireAnswer> =>
  wireAnswer(await fetch(`${demo.admin}/api/users/${username}/revoke`, { method: "POST" }));

export const restore = async (demo: Acme, username: string): Promise<WireAnswer> =>
  wireAnswer(await fetch(`${demo.admin}/api/users/${username}/restore`, { method: "POST" }));

/** Pushes that wait on a phone. */
export const approvals = async (demo: Acme): Promise<readonly ApprovalView[]> =>
  z.array(approvalView).parse(await (await fetch(`${demo.admin}/api/approvals`)).json());
