import type { ErrorCode } from "../errors.ts";
import { boundedFetch } from "../http.ts";
import { Discovery, WrongIssuerError } from "../identity/idp/discovery.ts";
import { ownErrorIn, statusOf } from "../identity/errorsSeen.ts";
import { platformCodesIn } from "../platformCodes.ts";
import type { Ports } from "../ports.ts";
import { withTrace } from "../trace.ts";
import { isSecureUrl } from "../urls.ts";

/** Why an issuer's metadata did not come, or is of no use. */
export type MetadataFailure =
  | { readonly kind: "certificate"; readonly what: CertificateTrouble; readonly code: string }
  | { readonly kind: "noSuchName" }
  | { readonly kind: "refused" }
  | { readonly kind: "unreachable"; readonly code?: string }
  | { readonly kind: "timedOut" }
  | { readonly kind: "redirected" }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "wrongIssuer"; readonly found: string }
  | { readonly kind: "insecure" }
  | { readonly kind: "invalid" };

export type CertificateTrouble = "untrusted" | "expired" | "notYetValid" | "otherName" | "handshake";

/** What an issuer's metadata says, as far as the doctor wants to know (RFC 8414, section 2). */
export interface MetadataFacts {
  readonly kind: "metadata";
  readonly authorization: boolean;
  readonly device: boolean;
  /** The methods of PKCE that it names; absent where it names none. */
  readonly challengeMethods?: readonly string[];
  /** Endpoints that are neither https nor on this machine. */
  readonly insecure: readonly string[];
}

/** What the issuer's `Date` says against this machine's clock. */
export interface ClockFacts {
  /** Positive when this machine is ahead. */
  readonly aheadMs: number;
  /** The header has whole seconds, and travels. */
  readonly uncertaintyMs: number;
}

export interface IssuerFacts {
  readonly issuer: string;
  readonly tookMs: number;
  readonly answer: MetadataFacts | MetadataFailure;
  readonly clock?: ClockFacts;
}

const limitMs = 5000;

/**
 * Asks an issuer for its metadata as a sign-in does. Nothing of the person's is sent. Only for issuers that may be asked.
 * @param ports `fetch` follows the host's proxy and certificate settings
 */
export const probeIssuer = async (
  issuer: string,
  { fetch, clock }: Pick<Ports, "fetch" | "clock">,
  signal: AbortSignal,
): Promise<IssuerFacts> => {
  let clockFacts: ClockFacts | undefined;
  const bounded = boundedFetch(
    async (url, init) => {
      const sentAtMs = clock.now();
      const response = await fetch(url, init);
      clockFacts = clockOf(response.headers, sentAtMs, clock.now()) ?? clockFacts;
      return response;
    },
    clock,
    { timeoutMs: limitMs },
  );
  const startedAtMs = clock.now();
  const answer = await metadataOf(
    issuer,
    new Discovery(
      withTrace((url, init) => bounded(url, { ...init, signal })),
      clock,
    ),
    signal,
  );
  const tookMs = clock.now() - startedAtMs;
  return { issuer, tookMs, answer, ...(clockFacts === undefined ? {} : { clock: clockFacts }) };
};

const metadataOf = async (
  issuer: string,
  discovery: Discovery,
  signal: AbortSignal,
): Promise<MetadataFacts | MetadataFailure> => {
  try {
    const metadata = await discovery.metadata(issuer, signal);
    const { code_challenge_methods_supported: challengeMethods } = metadata;
    return {
      kind: "metadata",
      authorization: metadata.authorization_endpoint !== undefined,
      device: metadata.device_authorization_endpoint !== undefined,
      insecure: endpointNames.filter((name) => isInsecure(metadata[name])),
      ...(challengeMethods === undefined ? {} : { challengeMethods }),
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return failureOf(error);
  }
};

const endpointNames = [
  "authorization_endpoint",
  "token_endpoint",
  "device_authorization_endpoint",
  "pushed_authorization_request_endpoint",
  "revocation_endpoint",
  "userinfo_endpoint",
] as const;

const isInsecure = (endpoint: string | undefined): boolean => {
  if (endpoint === undefined) return false;
  const url = URL.parse(endpoint);
  return url === null || !isSecureUrl(url);
};

/** An answer out of a cache is as much older as its `Age` says (RFC 9111, section 5.1). */
const clockOf = (headers: Headers, sentAtMs: number, cameAtMs: number): ClockFacts | undefined => {
  const dateMs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(dateMs)) return undefined;
  const ageMs = Math.max(0, Number(headers.get("age") ?? 0) || 0) * 1000;
  const middleMs = (sentAtMs + cameAtMs) / 2;
  return {
    aheadMs: Math.round(middleMs - (dateMs + ageMs + 500)),
    uncertaintyMs: Math.ceil((cameAtMs - sentAtMs) / 2 + 500),
  };
};

const failureOf = (error: unknown): MetadataFailure => {
  if (error instanceof WrongIssuerError) return { kind: "wrongIssuer", found: error.found };
  const own = ownErrorIn(error);
  if (own === undefined) {
    const status = statusOf(error);
    return status === undefined || status === 200 ? { kind: "invalid" } : { kind: "status", status };
  }
  if (own.code === "network") return networkFailure(platformCodesIn(own));
  return ownFailures[own.code] ?? { kind: "invalid" };
};

const ownFailures: Partial<Record<ErrorCode, MetadataFailure>> = {
  timedOut: { kind: "timedOut" },
  redirectRefused: { kind: "redirected" },
  insecureUrl: { kind: "insecure" },
};

/** OpenSSL's verification codes, as Node spells them, and Node's own. */
const certificateTroubles: ReadonlyMap<string, CertificateTrouble> = new Map([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "untrusted"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "untrusted"],
  ["UNABLE_TO_GET_ISSUER_CERT", "untrusted"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "untrusted"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "untrusted"],
  ["CERT_UNTRUSTED", "untrusted"],
  ["CERT_HAS_EXPIRED", "expired"],
  ["CERT_NOT_YET_VALID", "notYetValid"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "otherName"],
  ["HOSTNAME_MISMATCH", "otherName"],
]);

const networkFailure = (codes: readonly string[]): MetadataFailure => {
  for (const code of codes) {
    const what = certificateTroubles.get(code);
    if (what !== undefined) return { kind: "certificate", what, code };
    if (code === "EPROTO" || code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_"))
      return { kind: "certificate", what: "handshake", code };
    if (code === "ENOTFOUND" || code === "EAI_AGAIN") return { kind: "noSuchName" };
    if (code === "ECONNREFUSED") return { kind: "refused" };
    if (code === "ETIMEDOUT" || code === "UND_ERR_CONNECT_TIMEOUT") return { kind: "timedOut" };
  }
  const [code] = codes;
  return { kind: "unreachable", ...(code === undefined ? {} : { code }) };
};
