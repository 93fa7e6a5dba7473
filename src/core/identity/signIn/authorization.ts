import * as oauth from "openid-client";
import { untilAborted } from "../../abort.ts";
import { assertSecureUrl } from "../../urls.ts";
import { failed, type FailedSignIn } from "../failures.ts";
import type { RedirectReceiver, SignInPorts, SignInRequest } from "../session.ts";
import type { TokenEndpointReply } from "./tokens.ts";

/** One sign-in under way. */
export interface Flow {
  readonly request: SignInRequest;
  readonly metadata: oauth.ServerMetadata;
  readonly configuration: oauth.Configuration;
  readonly ports: SignInPorts;
  /** Ends the sign-in: the person's wish, or the lack of time. */
  readonly signal: AbortSignal;
  readonly proof?: oauth.DPoPHandle;
}

/** What a way of signing in comes to. */
export type Obtained = { readonly kind: "obtained"; readonly reply: TokenEndpointReply } | FailedSignIn;

export const isOpenId = ({ scopes }: Pick<SignInRequest, "scopes">): boolean => scopes.includes("openid");

/** The parameters that every way of signing in shares. */
export const requestParameters = (request: SignInRequest): Record<string, string> => ({
  scope: request.scopes.join(" "),
  ...(request.resource === undefined ? {} : { resource: request.resource }),
  ...(request.acrValues === undefined || request.acrValues.length === 0
    ? {}
    : { acr_values: request.acrValues.join(" ") }),
  ...(request.maxAgeSeconds === undefined ? {} : { max_age: String(request.maxAgeSeconds) }),
  ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
});

export const resourceParameter = (resource: string | undefined): Record<string, string> =>
  resource === undefined ? {} : { resource };

/** The authorization code flow with PKCE (RFC 6749 section 4.1, RFC 7636), pushed where the IdP offers it (RFC 9126). */
export const authorizationCodeFlow = async (flow: Flow, receiver: RedirectReceiver): Promise<Obtained> => {
  const { request, configuration, signal } = flow;
  const verifier = oauth.randomPKCECodeVerifier();
  const state = oauth.randomState();
  const nonce = isOpenId(request) ? oauth.randomNonce() : undefined;
  const url = await authorizationUrl(flow, {
    ...requestParameters(request),
    redirect_uri: receiver.redirectUri,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...(nonce === undefined ? {} : { nonce }),
    // Without consent, OpenID Connect Core section 11 has the IdP ignore the wish for offline access.
    ...(request.scopes.includes("offline_access") ? { prompt: "consent" } : {}),
  });
  const isExpected = (candidate: URL): boolean => isAnswerTo(candidate, state);
  const answer = await authorizeInBrowser(flow, receiver, url, isExpected);
  if (answer === undefined) return failed("cancelled", request.issuer);
  const mismatch = foreignAnswer(answer, state, flow);
  if (mismatch !== undefined) return mismatch;
  const grant = oauth.authorizationCodeGrant(
    configuration,
    answer,
    {
      pkceCodeVerifier: verifier,
      expectedState: state,
      ...(nonce === undefined ? {} : { expectedNonce: nonce, idTokenExpected: true }),
    },
    resourceParameter(request.resource),
    flow.proof === undefined ? {} : { DPoP: flow.proof },
  );
  return { kind: "obtained", reply: await untilAborted(grant, signal) };
};

const authorizationUrl = async (flow: Flow, parameters: Record<string, string>): Promise<URL> => {
  const { configuration, metadata, signal, proof } = flow;
  const pushed = metadata.pushed_authorization_request_endpoint !== undefined;
  const url = pushed
    ? await untilAborted(
        oauth.buildAuthorizationUrlWithPAR(
          configuration,
          parameters,
          proof === undefined ? {} : { DPoP: proof },
        ),
        signal,
      )
    : oauth.buildAuthorizationUrl(configuration, {
        ...parameters,
        ...(proof === undefined ? {} : { dpop_jkt: await proof.calculateThumbprint() }),
      });
  return assertSecureUrl(url);
};

/** @returns undefined when no browser was opened. */
const authorizeInBrowser = async (
  flow: Flow,
  receiver: RedirectReceiver,
  url: URL,
  isExpected: (answer: URL) => boolean,
): Promise<URL | undefined> => {
  const answered = receiver.receive(flow.signal, isExpected);
  const notOpened = flow.ports.openBrowser(url.href).then((opened) => (opened ? answered : undefined));
  return untilAborted(Promise.race([answered, notOpened]), flow.signal);
};

/** Anybody on this machine can ask the redirect's address; who does not know the state has no part in this sign-in. */
const isAnswerTo = ({ searchParams }: URL, state: string): boolean => {
  const states = searchParams.getAll("state");
  return states.length === 1 && states[0] === state;
};

/**
 * The answer's `state` and `iss` (RFC 9207), checked here by name so that each has its own failure; openid-client
 * checks them again.
 */
const foreignAnswer = (answer: URL, state: string, { metadata, request }: Flow): FailedSignIn | undefined => {
  const { searchParams } = answer;
  if (!isAnswerTo(answer, state)) return failed("wrongState", request.issuer);
  const issuers = searchParams.getAll("iss");
  const required = metadata.authorization_response_iss_parameter_supported === true;
  if (issuers.length === 0 && !required) return undefined;
  if (issuers.length === 1 && issuers[0] === metadata.issuer) return undefined;
  return failed("wrongIssuer", request.issuer, issuers.join(" "));
};
