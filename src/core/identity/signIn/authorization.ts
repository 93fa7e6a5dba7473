import * as oauth from "openid-client";
import { untilAborted } from "../../abort.ts";
import { assertSecureUrl } from "../../urls.ts";
import { oauthErrorIn, statusOf } from "../errorsSeen.ts";
import { failed, foreignAnswer, type FailedSignIn } from "../failures.ts";
import type { RedirectReceiver, SignInPorts, SignInRequest, SignInStep } from "../session.ts";
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
  /** Told how far it has come, and whose page that is where no request of ours tells. */
  readonly reach: (step: SignInStep, host?: string) => void;
}

/** What a way of signing in comes to. */
export type Obtained = { readonly kind: "obtained"; readonly reply: TokenEndpointReply } | FailedSignIn;

/** The person goes on by a code instead. */
export interface CodeWanted {
  readonly kind: "codeWanted";
}

const isOpenId = ({ scopes }: Pick<SignInRequest, "scopes">): boolean => scopes.includes("openid");

/** The parameters that every way of signing in shares. */
export const requestParameters = ({
  request,
  metadata,
}: Pick<Flow, "request" | "metadata">): Record<string, string> => ({
  ...request.parameters,
  scope: scopesFor(request, metadata).join(" "),
  ...promptFor(request.prompt, metadata),
  ...(request.resource === undefined ? {} : { resource: request.resource }),
  ...acrParameter(request),
  ...(request.maxAgeSeconds === undefined ? {} : { max_age: String(request.maxAgeSeconds) }),
  ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
});

/** What has to come, or else what should not get lost. */
const acrParameter = ({ acrValues = [], wishedAcr }: SignInRequest): Record<string, string> => {
  const values = acrValues.length > 0 || wishedAcr === undefined ? acrValues : [wishedAcr];
  return values.length === 0 ? {} : { acr_values: values.join(" ") };
};

/** Who is not offered the choice of an account gets to choose by signing in anew (OpenID Connect's prompt_values_supported). */
const promptFor = (
  prompt: string | undefined,
  { prompt_values_supported: known }: oauth.ServerMetadata,
): Record<string, string> => {
  if (prompt === undefined) return {};
  const offersNone = Array.isArray(known) && !known.includes(prompt) && known.includes("login");
  return { prompt: prompt === "select_account" && offersNone ? "login" : prompt };
};

/**
 * A refresh token is asked for where the identity provider names the scope for it. Not at Keycloak: there it makes a
 * session of its own, which outlives the person's sign-out, and refresh tokens come without.
 */
const scopesFor = (
  { scopes, offlineAccess }: SignInRequest,
  { scopes_supported: named = [], token_endpoint: endpoint = "" }: oauth.ServerMetadata,
): readonly string[] => {
  const isWanted =
    offlineAccess ?? (named.includes("offline_access") && !endpoint.endsWith(keycloakTokenPath));
  return isWanted && scopes.includes("openid") ? [...new Set([...scopes, "offline_access"])] : scopes;
};

const keycloakTokenPath = "/protocol/openid-connect/token";

export const resourceParameter = (resource: string | undefined): Record<string, string> =>
  resource === undefined ? {} : { resource };

/** The authorization code flow with PKCE (RFC 6749 section 4.1, RFC 7636), pushed where the IdP offers it (RFC 9126). */
export const authorizationCodeFlow = async (
  flow: Flow,
  receiver: RedirectReceiver,
): Promise<Obtained | CodeWanted> => {
  const { request, configuration, signal } = flow;
  const verifier = oauth.randomPKCECodeVerifier();
  const state = oauth.randomState();
  const nonce = isOpenId(request) ? oauth.randomNonce() : undefined;
  const url = await authorizationUrl(flow, {
    ...requestParameters(flow),
    redirect_uri: receiver.redirectUri,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...(nonce === undefined ? {} : { nonce }),
  });
  flow.reach("browser", url.host);
  const came = await authorizeInBrowser(flow, { receiver, url, state });
  if (came.kind === "notOpened") return failed("cancelled", request.issuer);
  if (came.kind === "codeWanted") return came;
  const { answer } = came;
  const mismatch = mismatchOf(answer, state, flow);
  if (mismatch !== undefined) return mismatch;
  flow.reach("token");
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
  if (metadata.pushed_authorization_request_endpoint !== undefined) {
    flow.reach("par");
    const option = proof === undefined ? {} : { DPoP: proof };
    const pushing = oauth.buildAuthorizationUrlWithPAR(configuration, parameters, option);
    try {
      return assertSecureUrl(await untilAborted(pushing, signal));
    } catch (error) {
      if (metadata.require_pushed_authorization_requests === true || !isNotForUs(error)) throw error;
    }
  }
  return assertSecureUrl(
    oauth.buildAuthorizationUrl(configuration, {
      ...parameters,
      ...(proof === undefined ? {} : { dpop_jkt: await proof.calculateThumbprint() }),
    }),
  );
};

/** Pushed requests are there, but not for this client (RFC 6749, section 5.2), or not any more: the plain one may work. */
const isNotForUs = (error: unknown): boolean =>
  oauthErrorIn(error)?.error === "unauthorized_client" || [404, 405, 501].includes(statusOf(error) ?? 0);

interface Asked {
  readonly receiver: RedirectReceiver;
  readonly url: URL;
  readonly state: string;
}

type Came = { readonly kind: "answer"; readonly answer: URL } | { readonly kind: "notOpened" } | CodeWanted;

/** Whichever is first: the browser comes back, the person brings what it ended at, or goes on by a code. */
const authorizeInBrowser = async (flow: Flow, asked: Asked): Promise<Came> => {
  const { metadata, ports, signal } = flow;
  let settle: (came: Came) => void = () => undefined;
  const byHand = new Promise<Came>((resolve) => (settle = resolve));
  const received = asked.receiver
    .receive(signal, (answer) => isAnswerTo(answer, asked.state))
    .then((answer): Came => ({ kind: "answer", answer }));
  const shown = ports.showWaiting?.({
    url: asked.url.href,
    paste: (address) => {
      const answer = pastedAnswer(address, asked);
      if (answer !== undefined) settle({ kind: "answer", answer });
      return answer !== undefined;
    },
    ...(metadata.device_authorization_endpoint === undefined
      ? {}
      : { useCode: () => settle({ kind: "codeWanted" }) }),
  });
  const notOpened = ports
    .openBrowser(asked.url.href)
    .then((opened): Came | Promise<Came> => (opened ? received : { kind: "notOpened" }));
  try {
    return await untilAborted(Promise.race([byHand, received, notOpened]), signal);
  } finally {
    shown?.dispose();
  }
};

/**
 * An address out of the browser's address bar, as an answer at this sign-in's own redirect: where the browser really
 * ended (a forwarded port, an error page of its own) does not matter. `state` says whose it is.
 */
const pastedAnswer = (address: string, { receiver, state }: Asked): URL | undefined => {
  const pasted = URL.parse(address.trim());
  if (pasted === null || pasted.searchParams.get("state") !== state) return undefined;
  if (!pasted.searchParams.has("code") && !pasted.searchParams.has("error")) return undefined;
  const answer = new URL(receiver.redirectUri);
  const own = new Set(answer.searchParams.keys());
  for (const [name, value] of pasted.searchParams) {
    if (!own.has(name)) answer.searchParams.append(name, value);
  }
  return answer;
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
const mismatchOf = (answer: URL, state: string, { metadata, request }: Flow): FailedSignIn | undefined => {
  const { searchParams } = answer;
  if (!isAnswerTo(answer, state)) return failed("wrongState", request.issuer);
  const issuers = searchParams.getAll("iss");
  const required = metadata.authorization_response_iss_parameter_supported === true;
  if (issuers.length === 0 && !required) return undefined;
  if (issuers.length === 1 && issuers[0] === metadata.issuer) return undefined;
  return foreignAnswer(request.issuer, issuers);
};
