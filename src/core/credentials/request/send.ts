import { LanyardError } from "../../errors.ts";
import { boundedFetch, defaultLimits } from "../../http.ts";
import { hostOf } from "../../urls.ts";
import type { RequestDeclaration } from "../declaration.ts";
import { type Refusal, misconfigured } from "../grant.ts";
import { readReply, type VaultReply } from "../reply/reply.ts";
import { buildRequest, type OutgoingRequest } from "./request.ts";
import type { SourceQuery, SourcePorts } from "../source.ts";
import type { Variables } from "./variables.ts";

export type Sent =
  | { readonly kind: "reply"; readonly reply: VaultReply; readonly host: string }
  /** The vault gave no answer that could be read. */
  | { readonly kind: "refused"; readonly grant: Refusal; readonly host: string };

export interface SendOptions {
  readonly replies?: "json" | "jsonOrForm";
  /** Whether this is the poll that may be held open (RFC 7240, `Prefer: wait`). */
  readonly mayWait?: boolean;
}

const retryMs = 5_000;

/**
 * Sends one request to a vault: https, no redirect, at most 1 MiB and 10 seconds, with the question's trace.
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
    const response = await dispatch(built.request, query, ports, options);
    return {
      kind: "reply",
      host,
      reply: await readReply(response, options.replies ?? "json", ports.clock.now()),
    };
  } catch (error) {
    return { kind: "refused", host, grant: failure(error, query, ports.clock.now()) };
  }
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
    // To ask a vault twice makes at worst a credential that nobody uses.
    repeatable: true,
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
