import * as oauth from "openid-client";
import * as z from "zod";
import { untilAborted } from "../../abort.ts";
import { LanyardError } from "../../errors.ts";
import type { Clock, Fetch } from "../../ports.ts";
import { SingleFlight } from "../../singleFlight.ts";
import { plainText } from "../../text.ts";
import { assertSecureUrl, isLoopback } from "../../urls.ts";
import { allowHttp, fetchFor } from "./client.ts";

const url = z.string().refine((text) => URL.canParse(text));
const names = z.array(z.string());

/** The metadata that Lanyard itself looks at (RFC 8414, section 2); openid-client checks the rest where it uses it. */
const metadataShape = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: url.optional(),
  token_endpoint: url,
  pushed_authorization_request_endpoint: url.optional(),
  device_authorization_endpoint: url.optional(),
  userinfo_endpoint: url.optional(),
  revocation_endpoint: url.optional(),
  scopes_supported: names.optional(),
  dpop_signing_alg_values_supported: names.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
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

  /** @throws LanyardError `badReply` when the issuer names none, besides what `metadata` throws. */
  async tokenEndpoint(issuer: string, signal: AbortSignal): Promise<string> {
    const { token_endpoint: endpoint } = await this.metadata(issuer, signal);
    if (endpoint !== undefined) return endpoint;
    throw new LanyardError("badReply", `The metadata of ${plainText(issuer, 100)} names no token endpoint.`);
  }

  async #ask(issuer: string): Promise<oauth.ServerMetadata> {
    const server = assertSecureUrl(issuer);
    const metadata = await this.#byEither(server);
    if (metadata.issuer !== issuer) throw new WrongIssuerError(metadata.issuer);
    this.#known.set(issuer, { metadata, untilMs: this.#clock.now() + this.#keepMs });
    return metadata;
  }

  async #byEither(server: URL): Promise<oauth.ServerMetadata> {
    try {
      return await this.#by("oidc", server);
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
    return this.#by("oauth2", server);
  }

  async #by(algorithm: "oidc" | "oauth2", server: URL): Promise<oauth.ServerMetadata> {
    // The client's name plays no part in discovery; openid-client wants one.
    const discovering = oauth.discovery(server, "discovery", undefined, oauth.None(), {
      algorithm,
      [oauth.customFetch]: fetchFor({ fetch: this.#fetch }),
      ...(isLoopback(server) ? { execute: [allowHttp] } : {}),
    });
    const metadata = (await discovering.catch(nameOtherIssuer)).serverMetadata();
    if (metadataShape.safeParse(metadata).success) return metadata;
    throw new LanyardError("badReply", `The metadata of ${plainText(server.host)} is not valid.`);
  }
}

const mismatch = z.object({
  code: z.literal("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"),
  cause: z.object({ attribute: z.literal("issuer"), body: z.object({ issuer: z.string() }) }),
});

/** openid-client keeps the issuer that it found with the cause of its error: the person needs it to mend the entry. */
const nameOtherIssuer = (error: unknown): never => {
  const parsed = mismatch.safeParse(error);
  throw parsed.success ? new WrongIssuerError(parsed.data.cause.body.issuer) : error;
};

/** The document does not exist in this form: the other one may. */
const isNotThere = (error: unknown): boolean =>
  error instanceof oauth.ClientError &&
  error.cause instanceof Response &&
  error.cause.status >= 400 &&
  error.cause.status < 500;
