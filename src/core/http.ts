import { LanyardError } from "./errors.ts";
import type { Clock, Fetch } from "./ports.ts";
import { assertSecureUrl } from "./urls.ts";

export interface HttpLimits {
  /** Of the reply's body, after decompression. */
  readonly maxBytes: number;
  /** From the call to the last byte of the reply. */
  readonly timeoutMs: number;
  /**
   * Whether a request that is no GET is sent again as well when its connection turns out to be gone: one that may be
   * done twice. An idle connection that the other end has dropped is found out by the next request.
   */
  readonly repeatable: boolean;
  /** Headers of the further tries in the place of those of the first. */
  readonly repeatHeaders: Readonly<Record<string, string>>;
}

export const defaultLimits: HttpLimits = {
  ...{ maxBytes: 1024 * 1024, timeoutMs: 10_000, repeatable: false },
  repeatHeaders: {},
};

/**
 * A fetch for requests that carry credentials: https only (loopback http excepted), no redirect is followed,
 * and the whole reply has arrived, within its size and time, when the promise resolves.
 * @throws LanyardError `insecureUrl`, `redirectRefused`, `replyTooLarge`, `timedOut`, `cancelled` or `network`.
 */
export const boundedFetch =
  (fetch: Fetch, clock: Clock, limits: Partial<HttpLimits> = {}): Fetch =>
  async (url, init = {}) => {
    const { maxBytes, timeoutMs, repeatable, repeatHeaders } = { ...defaultLimits, ...limits };
    const { host } = assertSecureUrl(url);
    const end = new AbortController();
    const caller = init.signal ?? undefined;
    const onAbort = (): void => end.abort(cancelledBy(caller?.reason, host, timeoutMs));
    if (caller?.aborted === true) onAbort();
    caller?.addEventListener("abort", onAbort, { once: true });
    const timer = clock.after(timeoutMs, () => end.abort(tooSlow(host, timeoutMs)));
    try {
      end.signal.throwIfAborted();
      const isRepeatable = repeatable || ["GET", "HEAD"].includes(init.method?.toUpperCase() ?? "GET");
      const send = (more: RequestInit): Promise<Response> =>
        fetch(url, { ...init, ...more, redirect: "manual", signal: end.signal });
      const response = await send({}).catch((error: unknown) => {
        if (!isRepeatable) throw error;
        return onLiveConnection(error, end.signal, () =>
          send({ headers: withHeaders(init.headers, repeatHeaders) }),
        );
      });
      refuseRedirect(response, url, host);
      return whole(response, await readBody(response, maxBytes, host, end.signal));
    } catch (error) {
      const reason: unknown = end.signal.aborted ? end.signal.reason : error;
      end.abort(reason);
      throw translated(reason, host);
    } finally {
      timer.dispose();
      caller?.removeEventListener("abort", onAbort);
    }
  };

/** As many as there may be kept open to one host: a vault that was restarted has dropped all of them. */
const mostGone = 8;

/** Sends again for as long as it is only connections that turn out to be gone, each of which fails at once. */
const onLiveConnection = async (
  failure: unknown,
  signal: AbortSignal,
  again: () => Promise<Response>,
): Promise<Response> => {
  let latest = failure;
  for (let gone = 0; gone < mostGone && isConnectionGone(latest) && !signal.aborted; gone += 1) {
    try {
      return await again();
    } catch (error) {
      latest = error;
    }
  }
  throw latest;
};

const withHeaders = (headers: RequestInit["headers"], more: Readonly<Record<string, string>>): Headers => {
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(more)) all.set(name, value);
  return all;
};

/** Node's and undici's codes for a connection that the other end has closed or forgotten. */
const goneCodes: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
const deepestCause = 5;

const causesOf = (error: unknown): readonly Error[] => {
  const causes: Error[] = [];
  for (let current = error; current instanceof Error && causes.length < deepestCause; current = current.cause)
    causes.push(current);
  return causes;
};

const codesIn = (error: unknown): readonly unknown[] =>
  causesOf(error).flatMap((each) => ("code" in each ? [each.code] : []));

/** Those of Node's two clients. */
const overflowCodes: ReadonlySet<unknown> = new Set(["UND_ERR_HEADERS_OVERFLOW", "HPE_HEADER_OVERFLOW"]);

/** Whether a reply had more header bytes than the client that asked can read. */
export const hasTooManyHeaders = (error: unknown): boolean =>
  codesIn(error).some((code) => overflowCodes.has(code));

const isConnectionGone = (error: unknown): boolean => codesIn(error).some((code) => goneCodes.has(code));

const tooSlow = (host: string, timeoutMs: number): LanyardError =>
  new LanyardError("timedOut", `${host} did not answer within ${Math.round(timeoutMs / 1000)} seconds.`);

/** `AbortSignal.timeout` ends with a DOMException of that name: a lack of time, not a wish of the caller's. */
const cancelledBy = (reason: unknown, host: string, timeoutMs: number): LanyardError => {
  if (reason instanceof LanyardError) return reason;
  if (reason instanceof DOMException && reason.name === "TimeoutError") return tooSlow(host, timeoutMs);
  return new LanyardError("cancelled", "The request was cancelled.", { cause: reason });
};

const translated = (error: unknown, host: string): LanyardError => {
  if (error instanceof LanyardError) return error;
  if (hasTooManyHeaders(error)) {
    return new LanyardError("replyTooLarge", `${host} sent more header bytes than can be read.`, {
      cause: error,
    });
  }
  const proxyStatus = proxyStatusIn(error);
  const message = isUntrusted(error) ? untrusted(host) : unreachable(host);
  return new LanyardError("network", proxyStatus === undefined ? message : behindProxy(host, proxyStatus), {
    cause: error,
  });
};

/** Undici tells what a proxy said to CONNECT by these words alone. */
const proxySaid = /^Proxy response \((\d{3})\)/;

/** The status by which a proxy has refused to connect. */
const proxyStatusIn = (error: unknown): string | undefined =>
  causesOf(error).flatMap(({ message }) => proxySaid.exec(message)?.[1] ?? [])[0];

const behindProxy = (host: string, status: string): string =>
  status === "407"
    ? `The proxy on the way to ${host} wants to know who asks (HTTP 407). Set its name and password for VS Code (http.proxy), or ask who runs it.`
    : `The proxy on the way to ${host} does not let the request through (HTTP ${status}). Ask who runs it.`;

const unreachable = (host: string): string =>
  `${host} cannot be reached. Check the network and the proxy settings.`;
const untrusted = (host: string): string =>
  `${host} has a certificate that this machine does not trust. Add the authority that issued it to the system's store.`;

/** Node's codes for a certificate chain that leads to no authority known here. */
const isUntrusted = (error: unknown): boolean =>
  codesIn(error).some((code) => typeof code === "string" && untrustedCode.test(code));
const untrustedCode =
  /^(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT)/;

/** Its cause is where the redirect leads, as far as the platform tells. */
const refuseRedirect = (response: Response, url: string, host: string): void => {
  const isRedirect = response.status >= 300 && response.status < 400 && response.status !== 304;
  if (response.type !== "opaqueredirect" && !isRedirect) return;
  throw new LanyardError(
    "redirectRefused",
    `${host} answered with a redirect, which is not followed because the request carries a credential.`,
    { cause: URL.parse(response.headers.get("location") ?? "", url)?.href },
  );
};

const tooLarge = (host: string, maxBytes: number): LanyardError =>
  new LanyardError("replyTooLarge", `${host} sent a reply of more than ${Math.round(maxBytes / 1024)} KiB.`);

const readBody = async (
  response: Response,
  maxBytes: number,
  host: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(host, maxBytes);
  if (response.body === null) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  const stop = (): void => {
    reader.cancel(signal.reason).catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return joined(chunks, size);
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge(host, maxBytes);
      chunks.push(value);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
};

const joined = (chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
};

/** The same reply with its body in memory. Statuses that forbid a body keep none (Fetch standard, null body status). */
const whole = (response: Response, body: Uint8Array<ArrayBuffer> | undefined): Response => {
  const empty = [204, 205, 304].includes(response.status) || body === undefined;
  const { status, statusText, headers } = response;
  return new Response(empty ? null : body, { status, statusText, headers });
};
