import { errnoOf } from "../core/errors.ts";
import { lstatSync, statSync, type BigIntStats } from "node:fs";
import { dirname } from "node:path";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Life } from "./endpoint/endpoint.ts";
import {
  endpointFileOf,
  readEndpoint,
  runDirectoryOf,
  type EndpointReading,
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
  const found = await findAgent(home);
  return found.kind === "record" ? callEndpoint(found.record, call) : found;
};

type FoundAgent = Extract<EndpointReading, { readonly kind: "record" }> | Unreachable;

/** Where to ask, if whoever wrote that down can have been this user alone. */
const findAgent = async (home: string): Promise<FoundAgent> => {
  const what = await unsafeRunDirectory(home, runDirectoryOf(home));
  if (what !== undefined) return { kind: "unsafe", what };
  const reading = await readEndpoint(endpointFileOf(home));
  return reading.kind === "garbled" ? { kind: "broken" } : reading;
};

/**
 * An agent that is asked again and again, on a connection that is kept. It is found anew, with every look at who could
 * have written where it is, as soon as anything there is another than it was.
 */
export class AgentLine {
  readonly #home: string;
  readonly #connections = new Agent({ keepAlive: true });
  #known: { readonly mark: string; readonly record: EndpointRecord } | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  async call(call: AgentCall): Promise<Called> {
    const mark = markOf(this.#home);
    if (this.#known?.mark !== mark) {
      this.#known = undefined;
      const found = await findAgent(this.#home);
      if (found.kind !== "record") return found;
      this.#known = { mark, record: found.record };
    }
    return callEndpoint(this.#known.record, call, this.#connections);
  }
}

/**
 * Changes with what lies in the places that an agent is found by, and with who may write there. Looked at without a
 * thread: to wake one costs many times the look. Where a file system hangs, so does the one who asks, and passes nothing on.
 */
const markOf = (home: string): string => {
  const exact = { bigint: true, throwIfNoEntry: false } as const;
  const file = endpointFileOf(home);
  const marks = [
    markIn(() => statSync(home, exact)),
    markIn(() => lstatSync(dirname(file), exact)),
    markIn(() => lstatSync(file, exact)),
  ];
  return marks.join(" ");
};

const markIn = (look: () => BigIntStats | undefined): string => {
  try {
    const found = look();
    return found === undefined ? "" : `${found.ino}/${found.ctimeNs}`;
  } catch {
    return "";
  }
};

export const callEndpoint = async (
  record: EndpointRecord,
  call: AgentCall,
  connections?: Agent,
): Promise<Called> => {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), call.timeoutMs);
  const signal = call.signal === undefined ? end.signal : AbortSignal.any([end.signal, call.signal]);
  try {
    const response = await send(record, call, signal, connections);
    const body = await read(response);
    if (response.statusCode === requestTimedOut) return { kind: "lost" };
    return response.statusCode === 200 && body !== undefined ? { kind: "reply", body } : { kind: "broken" };
  } catch (error) {
    if (signal.aborted) return { kind: "timedOut" };
    return { kind: failures.get(errnoOf(error) ?? "") ?? "broken" };
  } finally {
    clearTimeout(timer);
  }
};

/** Said by Node in the name of an agent that got no time to read what was sent to it. */
const requestTimedOut = 408;

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
  connections?: Agent,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify(message);
    const request = httpRequest(`${agentUrl}${path}`, {
      socketPath: address.path,
      agent: connections ?? false,
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
const read = (response: IncomingMessage): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size <= longestReplyBytes) return;
      response.destroy();
      resolve(undefined);
    });
    response.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    response.once("error", reject);
    response.once("close", () => reject(new Error("It broke off.")));
  });

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
