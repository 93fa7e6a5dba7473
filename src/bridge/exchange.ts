import type { IncomingMessage } from "node:http";
import type { Ask, Authorization, GrantingAgent, WayOut } from "./agent.ts";
import type { SendHttp } from "./http.ts";
import { errorCodes } from "./message.ts";

/** Why there is no answer: as it is told to the client, and so to a model. Holds neither URL nor credential. */
export interface Failure {
  readonly kind: "failed";
  readonly code: number;
  readonly message: string;
  /** What the connector answered with, where it did. */
  readonly status?: number;
  /** Why the agent gives nothing, where it is that. */
  readonly refusal?: WayOut;
}

export const forwardFailure = (message: string, more: Partial<Failure> = {}): Failure => ({
  ...{ kind: "failed", code: errorCodes.internal, message },
  ...more,
});

export interface HttpAsk extends Ask {
  /** By the URL that the request goes to: a session holds at one place only. */
  readonly headersFor: (url: string) => Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface AnsweredHttp {
  readonly kind: "answered";
  readonly response: IncomingMessage;
  readonly status: number;
  readonly url: string;
}

export type Exchange = (ask: HttpAsk) => Promise<AnsweredHttp | Failure>;

/**
 * Sends one HTTP request with what the agent grants for it. A 401, or AWS's word for one, has the agent ask anew, once;
 * whatever was refused was not carried out, so it may be sent again. Nothing of a grant outlives this call.
 */
export const exchangeBy =
  (agent: GrantingAgent, send: SendHttp): Exchange =>
  async ({ headersFor, signal, ...ask }) => {
    let again: Pick<Ask, "refused" | "serverTimeMs"> = {};
    for (;;) {
      const grant = await agent.authorize({ ...ask, ...again }, signal);
      if (grant.kind === "refused") return refusedByAgent(grant);
      const { url } = grant;
      const { method, body } = ask;
      const headers = { ...headersFor(url), ...grant.headers };
      try {
        const request = { method, url, headers, signal, ...(body === undefined ? {} : { body }) };
        const response = await send(request);
        const status = response.statusCode ?? 0;
        const problem = grant.isSigned === true ? signatureProblem(response) : undefined;
        const isRefused = status === 401 || problem !== undefined;
        if (!isRefused || again.refused) return judged({ kind: "answered", response, status, url }, problem);
        response.resume();
        again = { refused: true, ...timeOf(response) };
      } catch (error) {
        return forwardFailure(`The connector cannot be reached (${codeOf(error)}). Nothing was answered.`);
      }
    }
  };

const refusedByAgent = ({ why, ...refusal }: Extract<Authorization, { kind: "refused" }>): Failure => {
  const told = `${why.replace(/[.。\s]+$/u, "")}. The Connectors view of VS Code and "lanyard status" say what to do.`;
  return forwardFailure(told, { code: errorCodes.refused, refusal });
};

/**
 * What AWS calls a key or a signature that it does not take, for its time or for itself: with 403 or 400, where others
 * say 401. What the role may not do (`AccessDeniedException`) is none of them.
 */
const signatureProblems: ReadonlySet<string> = new Set([
  ...[
    "ExpiredToken",
    "UnrecognizedClient",
    "InvalidClientTokenId",
    "InvalidSignature",
    "SignatureDoesNotMatch",
  ],
  ...["RequestExpired", "RequestTimeTooSkewed", "MissingAuthenticationToken", "IncompleteSignature"],
]);

const signatureProblem = ({ statusCode, headers }: IncomingMessage): string | undefined => {
  const [name = ""] = String(headers["x-amzn-errortype"] ?? "").split(":");
  const isProblem = signatureProblems.has(name.replace(/Exception$/, ""));
  return isProblem && (statusCode === 403 || statusCode === 400) ? name : undefined;
};

const timeOf = ({ headers }: IncomingMessage): Pick<Ask, "serverTimeMs"> => {
  const serverTimeMs = Date.parse(headers.date ?? "");
  return Number.isNaN(serverTimeMs) ? {} : { serverTimeMs };
};

const judged = (answered: AnsweredHttp, problem?: string): AnsweredHttp | Failure => {
  const { status, response } = answered;
  if (problem !== undefined) {
    response.resume();
    const told = `The connector refused the signature, and a new one as well (${status}, ${problem}).`;
    return forwardFailure(told, { status });
  }
  const { location } = response.headers;
  const isMoved = status >= 300 && status < 400;
  if (!isMoved && status !== 401) return answered;
  response.resume();
  return isMoved
    ? forwardFailure(
        `The connector answered ${status}, to go on elsewhere${location === undefined ? "" : ", which no credential follows"}.`,
        { status },
      )
    : forwardFailure("The connector refused the credential, and a new one as well (401).", { status });
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no connection";
