import { LanyardError } from "../../errors.ts";
import { boundedFetch, defaultLimits } from "../../http.ts";
import { hostOf } from "../../urls.ts";
import type { RequestDeclaration } from "../declaration.ts";
import { type Refusal, misconfigured } from "../grant.ts";
import { readReply, type ReadBody, type VaultReply } from "../reply/reply.ts";
import { buildRequest, type OutgoingRequest } from "./request.ts";
import type { SourceQuery, SourcePorts } from "../source.ts";
import type { Variables } from "./variables.ts";

export type Sent =
  | { readonly kind: "reply"; readonly reply: VaultReply; readonly host: string }
  /** The vault gave no answer that could be read. */
  | { readonly kind: "refused"; readonly grant: Refusal; readonly host: string };

export interface SendOptions {
  readonly replies?: ReadBody;
  /** Whether this is the poll that may be held open (RFC 7240, `Prefer: wait`). */
  readonly mayWait?: boolean;
  /** Of a cluster: where else its nodes are. */
  readonly nodes?: readonly string[] | undefined;
}

const retryMs = 5_000;

/**
 * Sends one request to a vault: https, at most 1 MiB and 10 seconds, with the question's trace. No redirect is followed
 * but one of a cluster to a node that the entry names, once.
 * @throws LanyardError `cancelled` when the asker gave up; every other failure is a refusal.
 */
export const sendToVault = async (
  declared: RequestDeclaration,
  variables: Variables,
  query: SourceQuery,
  ports: SourcePorts,
  options: SendOptions = {},
): Promise<Sent> => {
  const built = buildRequest(declared, variables);
  const host = hostOf(declared.url);
  if (built.kind === "problem") {
    return { kind: "refused", host, grant: misconfigured(query.connector, built.template, ...built.args) };
  }
  try {
    const response = await dispatchToNode(built.request, query, ports, options);
    return {
      kind: "reply",
      host,
      reply: await readReply(response, options.replies ?? "json", ports.clock.now()),
    };
  } catch (error) {
    const nowMs = ports.clock.now();
    const elsewhere = options.nodes === undefined ? undefined : redirectIn(error);
    if (elsewhere !== undefined) {
      const standby = misconfigured(query.connector, standbyProblem, host, elsewhere.origin);
      return { kind: "refused", host, grant: { ...standby, retryAtMs: nowMs + retryMs } };
    }
    return { kind: "refused", host, grant: failure(error, query, nowMs) };
  }
};

const standbyProblem =
  "{0} is a standby and sends its callers to {1}. Write the cluster's common address, or name that one in nodes.";

/** A standby of a cluster names the active node: asked with the same path, if the entry names it as well. */
const dispatchToNode = async (
  request: OutgoingRequest,
  query: SourceQuery,
  ports: SourcePorts,
  options: SendOptions,
): Promise<Response> => {
  try {
    return await dispatch(request, query, ports, options);
  } catch (error) {
    const target = redirectIn(error);
    const node = options.nodes?.find((each) => URL.parse(each)?.origin === target?.origin);
    if (target === undefined || node === undefined) throw error;
    const { pathname, search } = new URL(request.url);
    return dispatch({ ...request, url: target.origin + pathname + search }, query, ports, options);
  }
};

const redirectIn = (error: unknown): URL | undefined => {
  if (!(error instanceof LanyardError) || error.code !== "redirectRefused") return undefined;
  return typeof error.cause === "string" ? (URL.parse(error.cause) ?? undefined) : undefined;
};

const dispatch = async (
  request: OutgoingRequest,
  query: SourceQuery,
  ports: SourcePorts,
  options: SendOptions,
): Promise<Response> => {
  const waitSeconds = options.mayWait === true ? query.waitSeconds : undefined;
  const preferences = [
    ...(waitSeconds === undefined ? [] : [`wait=${Math.ceil(waitSeconds)}`]),
    ...(query.unasked === true ? ["no-push"] : []),
  ];
  const fetch = boundedFetch(ports.fetch, ports.clock, {
    timeoutMs: defaultLimits.timeoutMs + (waitSeconds ?? 0) * 1000,
    repeatable: request.repeatable,
    // The first may have sent a push before its connection was gone.
    repeatHeaders: { prefer: [...new Set([...preferences, "no-push"])].join(", ") },
  });
  const headers = {
    ...request.headers,
    accept: "application/json",
    traceparent: query.trace.traceparent(),
    ...(preferences.length === 0 ? {} : { prefer: preferences.join(", ") }),
  };
  const sign = ports.signRequest?.(query);
  const once = async (nonce?: string): Promise<Response> =>
    fetch(request.url, {
      method: request.method,
      headers: { ...headers, ...(await sign?.({ ...request, headers }, nonce)) },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal: query.signal,
    });
  const response = await once();
  const nonce = response.headers.get("dpop-nonce");
  const wantsNonce = sign !== undefined && nonce !== null && [400, 401].includes(response.status);
  return wantsNonce ? once(nonce) : response;
};

/** Failures that trying again does not mend. */
const lasting: ReadonlySet<string> = new Set(["insecureUrl", "redirectRefused", "replyTooLarge"]);

const failure = (error: unknown, query: SourceQuery, nowMs: number): Refusal => {
  if (!(error instanceof LanyardError) || error.code === "cancelled") throw error;
  return lasting.has(error.code)
    ? misconfigured(query.connector, "{0}", error.message)
    : { kind: "unavailable", reason: error.message, retryAtMs: nowMs + retryMs };
};
