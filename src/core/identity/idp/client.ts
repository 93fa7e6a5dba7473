import * as oauth from "openid-client";
import { LanyardError } from "../../errors.ts";
import type { Fetch } from "../../ports.ts";
import type { Secret } from "../../secret.ts";
import { isLoopback } from "../../urls.ts";
import type { TokenReplies } from "../signIn/tokenReply.ts";

export interface ClientOptions {
  readonly clientId: string;
  /** Absent for a public client, which is the rule. */
  readonly clientSecret?: Secret;
  /** A bounded one. */
  readonly fetch: Fetch;
  /** Ends the requests of this one operation. */
  readonly signal?: AbortSignal;
  readonly traceparent?: string;
  /** As the authorization request had it: openid-client makes its own from a parsed URL, which may be spelt otherwise. */
  readonly redirectUri?: string;
  readonly clockToleranceSeconds: number;
  /** Reads what the token endpoint says. */
  readonly replies?: TokenReplies;
}

/** In the form, unless only the header is offered (RFC 8414, section 2). */
const authenticationBy = (
  { token_endpoint_auth_methods_supported: methods }: oauth.ServerMetadata,
  secret: Secret | undefined,
): oauth.ClientAuth => {
  if (secret === undefined) return oauth.None();
  const isHeaderOnly =
    methods?.includes("client_secret_basic") === true && !methods.includes("client_secret_post");
  return (isHeaderOnly ? oauth.ClientSecretBasic : oauth.ClientSecretPost)(secret.reveal());
};

/** openid-client's view of one operation: a client whose requests end with the signal and carry the trace. */
export const clientFor = (metadata: oauth.ServerMetadata, options: ClientOptions): oauth.Configuration => {
  const configuration = new oauth.Configuration(
    metadata,
    options.clientId,
    { [oauth.clockTolerance]: options.clockToleranceSeconds },
    authenticationBy(metadata, options.clientSecret),
  );
  if (isLoopback(new URL(metadata.issuer))) allowHttp(configuration);
  const fetch = options.replies?.through(options.fetch, metadata.token_endpoint) ?? options.fetch;
  configuration[oauth.customFetch] = fetchFor({ ...options, fetch });
  return configuration;
};

/** Plain http for a loopback issuer; every request passes `assertSecureUrl` besides. */
const allowHttp: (configuration: oauth.Configuration) => void =
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked deprecated to make it stand out, not to replace it
  oauth.allowInsecureRequests;

/** The Fetch API as openid-client calls it. */
const fetchFor = (
  options: Pick<ClientOptions, "fetch" | "signal" | "traceparent" | "redirectUri">,
): oauth.CustomFetch => {
  const { fetch, signal, traceparent, redirectUri } = options;
  return (url, init) =>
    fetch(url, {
      method: init.method,
      headers: { ...init.headers, ...(traceparent === undefined ? {} : { traceparent }) },
      body: withRedirect(formOf(init.body), redirectUri),
      signal: either(init.signal, signal),
    });
};

/** A public client sends forms or nothing. */
const formOf = (body: oauth.FetchBody): URLSearchParams | null => {
  if (body === undefined || body === null) return null;
  if (body instanceof URLSearchParams) return body;
  throw new LanyardError("internal", "An OAuth request has a body that is no form.");
};

const withRedirect = (
  form: URLSearchParams | null,
  redirectUri: string | undefined,
): URLSearchParams | null => {
  if (redirectUri !== undefined && form?.has("redirect_uri") === true) form.set("redirect_uri", redirectUri);
  return form;
};

const either = (a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | null =>
  a === undefined || b === undefined ? (a ?? b ?? null) : AbortSignal.any([a, b]);

/** Whose client it is that a session belongs to. */
export const clientOf = ({
  clientId,
  clientSecret,
}: Pick<ClientOptions, "clientId" | "clientSecret">): Pick<ClientOptions, "clientId" | "clientSecret"> => ({
  clientId,
  ...(clientSecret === undefined ? {} : { clientSecret }),
});
