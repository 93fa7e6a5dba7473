import type { IncomingMessage } from "node:http";
import type { Ask, Authorization, GrantingAgent } from "./agent.ts";
import { wantedIn, type Wanted } from "./refusal/challenge.ts";
import type { SendHttp } from "./wire/http.ts";
import { errorCodes } from "./wire/message.ts";
import { signatureProblem } from "./refusal/signatureProblem.ts";
import { forwardFailure, judged, type AnsweredHttp, type Failure } from "./refusal/verdict.ts";

export interface HttpAsk extends Ask {
  /** By the URL that the request goes to: a session holds at one place only. */
  readonly headersFor: (url: string) => Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export type Exchange = (ask: HttpAsk) => Promise<AnsweredHttp | Failure>;

type Again = Pick<Ask, "refused" | "challenge" | "serverTimeMs">;

/**
 * Sends one HTTP request with what the agent grants for it. A 401, AWS's word for one, and a 403 that wants more of the
 * credential or its person, has the agent ask anew, once; whatever was refused was not carried out, so it may be sent
 * again. What a connector still wants of the person is told to the agent, which has it done. Nothing of a grant outlives
 * this call.
 */
export const exchangeBy =
  (agent: GrantingAgent, send: SendHttp): Exchange =>
  async ({ headersFor, signal, ...ask }) => {
    for (let again: Again = {}; ;) {
      const grant = await agent.authorize({ ...ask, ...again }, heardOut);
      if (grant.kind === "refused") return refusedByAgent(grant);
      const { url } = grant;
      const { method, message } = ask;
      const headers = { ...headersFor(url), ...grant.headers };
      try {
        const request = {
          method,
          url,
          headers,
          signal,
          ...(message === undefined ? {} : { body: message.bytes }),
        };
        const response = await send(request);
        const status = response.statusCode ?? 0;
        const problem = grant.isSigned === true ? signatureProblem(response) : undefined;
        const wanted = wantedIn(response);
        const isRefused = status === 401 || wanted !== undefined || problem !== undefined;
        const next = isRefused ? nextTry(again, wanted) : undefined;
        if (next === undefined) return judged({ kind: "answered", response, status, url }, wanted, problem);
        response.resume();
        again = { ...next, ...timeOf(response) };
      } catch (error) {
        return forwardFailure(`The connector cannot be reached (${codeOf(error)}). Nothing was answered.`);
      }
    }
  };

/**
 * What the agent says is heard to its end, also where what it says ends the request: it is why, and what to do about it.
 */
const heardOut = new AbortController().signal;

/** First the vault is asked anew, which knows why; then the person, by what the connector wants of them. */
const nextTry = (again: Again, wanted: Wanted | undefined): Again | undefined => {
  if (again.refused !== true) return { refused: true };
  if (again.challenge !== undefined || wanted?.kind !== "authentication") return undefined;
  return { refused: true, challenge: wanted.challenge };
};

const refusedByAgent = ({ why, ...refusal }: Extract<Authorization, { kind: "refused" }>): Failure => {
  if (refusal.forbiddenBy !== undefined) return forwardFailure(why, { code: errorCodes.refused, refusal });
  const told = `${why.replace(/[.。\s]+$/u, "")}. The Connectors view of VS Code and "lanyard status" say what to do.`;
  return forwardFailure(told, { code: errorCodes.refused, refusal });
};

const timeOf = ({ headers }: IncomingMessage): Pick<Ask, "serverTimeMs"> => {
  const serverTimeMs = Date.parse(headers.date ?? "");
  return Number.isNaN(serverTimeMs) ? {} : { serverTimeMs };
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no connection";
