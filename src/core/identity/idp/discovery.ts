import type * as oauth from "openid-client";
import * as z from "zod";
import { untilAborted } from "../../abort.ts";
import { LanyardError } from "../../errors.ts";
import type { Clock, Fetch } from "../../ports.ts";
import { SingleFlight } from "../../retry/singleFlight.ts";
import { plainText } from "../../text.ts";
import { assertSecureUrl, hostOf } from "../../urls.ts";

const url = z.string().refine((text) => URL.canParse(text));
const names = z.array(z.string());

/** The metadata that Lanyard itself looks at (RFC 8414, section 2); openid-client checks the rest where it uses it. */
const metadataShape = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: url.exactOptional(),
  token_endpoint: url,
  pushed_authorization_request_endpoint: url.exactOptional(),
  device_authorization_endpoint: url.exactOptional(),
  userinfo_endpoint: url.exactOptional(),
  revocation_endpoint: url.exactOptional(),
  scopes_supported: names.exactOptional(),
  dpop_signing_alg_values_supported: names.exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
});

/** The IdP's answer names another issuer than the one that was asked (RFC 8414, section 3.3). */
export class WrongIssuerError extends Error {
  override readonly name = "WrongIssuerError";
  readonly found: string;

  constructor(found: string) {
    super("The metadata names another issuer.");
    this.found = plainText(found, 200);
  }
}

/** None of the places where metadata may lie has any. */
export class NoMetadataError extends Error {
  override readonly name = "NoMetadataError";
  /** HTTP status of the first place; 200 where what lies there is no metadata. */
  readonly status: number;

  constructor(status: number) {
    super("The issuer has no metadata.");
    this.status = status;
  }
}

const told = (error: unknown, issuer: string): unknown => {
  if (error instanceof WrongIssuerError)
    return new LanyardError("badReply", `The metadata of ${issuer} names another issuer: ${error.found}.`);
  if (!(error instanceof NoMetadataError)) return error;
  return isOutage(error.status)
    ? new LanyardError("network", `${hostOf(issuer)} answered with HTTP ${error.status}.`, { cause: error })
    : new LanyardError("badReply", `${issuer} has no metadata.`, { cause: error });
};

const isOutage = (status: number): boolean => status >= 500 || status === 429;

interface Known {
  readonly metadata: oauth.ServerMetadata;
  readonly untilMs: number;
}

export interface DiscoveryOptions {
  /** How long an answer is used again. */
  readonly keepMs: number;
}

/** Asks an issuer for its metadata, by OpenID Connect Discovery first and RFC 8414 second. Failures are not kept. */
export class Discovery {
  readonly #fetch: Fetch;
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #known = new Map<string, Known>();
  readonly #flights = new SingleFlight<string, oauth.ServerMetadata>();

  /** @param fetch a bounded one */
  constructor(fetch: Fetch, clock: Clock, options: Partial<DiscoveryOptions> = {}) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#keepMs = options.keepMs ?? 5 * 60_000;
  }

  /** Asks at most once at a time; whoever gives up waiting does not stop it for the others. */
  async metadata(issuer: string, signal: AbortSignal): Promise<oauth.ServerMetadata> {
    const known = this.#known.get(issuer);
    if (known !== undefined && this.#clock.now() < known.untilMs) return known.metadata;
    return untilAborted(
      this.#flights.run(issuer, () => this.#ask(issuer)),
      signal,
    );
  }

  /**
   * For those who ask there, not sign in there: all that fails is told in words.
   * @throws LanyardError `network` when the issuer has an outage, `badReply` when it names none.
   */
  async tokenEndpoint(issuer: string, signal: AbortSignal): Promise<string> {
    try {
      const { token_endpoint: endpoint } = await this.metadata(issuer, signal);
      if (endpoint !== undefined) return endpoint;
    } catch (error) {
      throw told(error, plainText(issuer, 100));
    }
    throw new LanyardError("badReply", `The metadata of ${plainText(issuer, 100)} names no token endpoint.`);
  }

  async #ask(issuer: string): Promise<oauth.ServerMetadata> {
    const metadata = await this.#find(issuer, assertSecureUrl(issuer));
    this.#known.set(issuer, { metadata, untilMs: this.#clock.now() + this.#keepMs });
    return metadata;
  }

  async #find(issuer: string, server: URL): Promise<oauth.ServerMetadata> {
    let first: NoMetadataError | undefined;
    for (const place of placesOf(server)) {
      const response = await this.#get(place);
      if (isOutage(response.status)) throw new NoMetadataError(response.status);
      const document = response.ok ? documentIn(await response.text()) : undefined;
      if (document !== undefined) return metadataIn(document, issuer, server);
      first ??= new NoMetadataError(response.status);
    }
    throw first ?? new NoMetadataError(404);
  }

  /** Nothing of the person's is sent, so a redirect within the origin is followed; the issuer in the answer is checked. */
  async #get(place: URL): Promise<Response> {
    let at = place.href;
    for (let hops = 0; ; hops += 1) {
      try {
        return await this.#fetch(at, { headers: { accept: "application/json" } });
      } catch (error) {
        const next = redirectIn(error);
        if (hops === mostHops || next?.origin !== place.origin) throw error;
        at = next.href;
      }
    }
  }
}

const mostHops = 3;

const redirectIn = (error: unknown): URL | undefined =>
  error instanceof LanyardError && error.code === "redirectRefused" && typeof error.cause === "string"
    ? (URL.parse(error.cause) ?? undefined)
    : undefined;

/**
 * Where metadata may lie: as OpenID Connect Discovery has it (appended), as RFC 8414 has it (before the path), appended
 * as some authorization servers do, and OpenID's document before the path, which the MCP specification asks for too.
 */
const placesOf = (server: URL): readonly URL[] => {
  const path = server.pathname.replace(/\/$/, "");
  const [openid, oauth2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];
  const paths = [`${path}${openid}`, `${oauth2}${path}`, `${path}${oauth2}`, `${openid}${path}`];
  return [...new Set(paths)].map((each) => new URL(each, server));
};

/** JSON by whatever media type, with a byte order mark or without; a web page does not count. */
const documentIn = (text: string): object | undefined => {
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/** Members that are `null` are absent ones. */
const metadataIn = (document: object, issuer: string, server: URL): oauth.ServerMetadata => {
  const members = Object.entries(document).filter(([, value]) => value !== null);
  if ("issuer" in document && typeof document.issuer === "string" && document.issuer !== issuer)
    throw new WrongIssuerError(document.issuer);
  const metadata: unknown = Object.fromEntries(members);
  if (isMetadata(metadata)) return metadata;
  throw new LanyardError("badReply", `The metadata of ${plainText(server.host)} is not valid.`);
};

const isMetadata = (value: unknown): value is oauth.ServerMetadata => metadataShape.safeParse(value).success;
