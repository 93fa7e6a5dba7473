import { errnoOf } from "../core/errors.ts";
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Life } from "./endpoint/endpoint.ts";
import {
  endpointFileOf,
  readEndpoint,
  runDirectoryOf,
  type EndpointRecord,
  type UnsafeReason,
} from "./endpoint/endpointFile.ts";
import { unsafeRunDirectory } from "./endpoint/safety.ts";
import { readIntroduction } from "./api/replies.ts";
import { agentUrl, paths, plainReplyType } from "./wire.ts";

export interface AgentCall {
  readonly path: string;
  /** What is asked, as JSON has it. */
  readonly message: unknown;
  /** As a shell reads it (`plain`), or as JSON. */
  readonly accept: "plain" | "json";
  /** From the call to the last byte of the reply. */
  readonly timeoutMs: number;
  /** Ends the caller's interest before that; the call then counts as timed out. */
  readonly signal?: AbortSignal;
}

export type Unreachable =
  /** No agent runs: there is no endpoint, or nobody listens at it. */
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "unsafe"; readonly what: UnsafeReason }
  | { readonly kind: "timedOut" }
  /** The agent was there, and went before it had answered. */
  | { readonly kind: "lost" }
  /** Something answered that is not the agent's language. */
  | { readonly kind: "broken" };

export type Called = { readonly kind: "reply"; readonly body: string } | Unreachable;

const longestReplyBytes = 1024 * 1024;

/** Asks the agent whose endpoint is under `home`. Every failure is a value. */
export const callAgent = async (home: string, call: AgentCall): Promise<Called> => {
  const what = await unsafeRunDirectory(home, runDirectoryOf(home));
  if (what !== undefined) return { kind: "unsafe", what };
  const reading = await readEndpoint(endpointFileOf(home));
  switch (reading.kind) {
    case "record":
      return callEndpoint(reading.record, call);
    case "garbled":
      return { kind: "broken" };
    case "absent":
    case "unreadable":
    case "unsafe":
      return reading;
  }
};

export const callEndpoint = async (record: EndpointRecord, call: AgentCall): Promise<Called> => {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), call.timeoutMs);
  const signal = call.signal === undefined ? end.signal : AbortSignal.any([end.signal, call.signal]);
  try {
    const response = await send(record, call, signal);
    const body = await read(response);
    return response.statusCode === 200 && body !== undefined ? { kind: "reply", body } : { kind: "broken" };
  } catch (error) {
    if (signal.aborted) return { kind: "timedOut" };
    return { kind: failures.get(errnoOf(error) ?? "") ?? "broken" };
  } finally {
    clearTimeout(timer);
  }
};

const failures: ReadonlyMap<string, "absent" | "lost"> = new Map([
  ["ECONNREFUSED", "absent"],
  ["ENOENT", "absent"],
  ["ECONNRESET", "lost"],
  ["EPIPE", "lost"],
  ["ECONNABORTED", "lost"],
]);

const send = (
  { address, key }: EndpointRecord,
  { path, message, accept }: AgentCall,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify(message);
    const request = httpRequest(`${agentUrl}${path}`, {
      socketPath: address.path,
      agent: false,
      method: "POST",
      signal,
      headers: {
        authorization: `Bearer ${key.reveal()}`,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        accept: accept === "plain" ? plainReplyType : "application/json",
      },
    });
    request.once("response", resolve);
    request.on("error", reject);
    request.end(body);
  });

/** @returns undefined when there is more than any reply of the agent's has. Rejects when it breaks off. */
const read = async (response: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) return undefined;
    size += chunk.byteLength;
    if (size > longestReplyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

const probeTimeoutMs = 1000;

/** Whether an agent is there, and leads: asked before its endpoint is replaced. */
export const probeEndpoint = async (
  record: EndpointRecord,
  timeoutMs: number = probeTimeoutMs,
): Promise<Life> => {
  const called = await callEndpoint(record, {
    path: paths.agent,
    message: {},
    accept: "json",
    timeoutMs,
  });
  if (called.kind === "absent") return "dead";
  if (called.kind !== "reply") return "silent";
  return readIntroduction(called.body)?.leading === false ? "retired" : "live";
};
