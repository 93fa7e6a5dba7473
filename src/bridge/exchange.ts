import type { IncomingMessage } from "node:http";
import type { Ask, Authorization, GrantingAgent } from "./agent.ts";
import { nonceIn, wantedIn, wantsNonce, type Wanted } from "./refusal/challenge.ts";
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

interface Again extends Pick<Ask, "refused" | "challenge" | "serverTimeMs"> {
  /** With the nonce that the connector wanted in the proof. */
  readonly hasNonce?: true;
}

/**
 * Sends one HTTP request with what the agent grants for it. A 401, AWS's word for one, and a 403 that wants more of the
 * credential or its person, has the agent ask anew, once; whatever was refused was not carried out, so it may be sent
 * again. What a connector still wants of the person is told to the agent, which has it done. Nothing of a grant outlives
 * this call; what the connector wants in the next proof does, and is no secret.
 */
export const exchangeBy = (agent: GrantingAgent, send: SendHttp): Exchange => {
  let nonce: string | undefined;
  return async ({ headersFor, signal, ...ask }) => {
    for (let again: Again = {}; ;) {
      const grant = await agent.authorize({ ...ask, ...again, nonce }, heardOut);
      if (grant.kind === "refused") return refusedByAgent(grant);
      const { url, isSigned = false } = grant;
      const { method, message } = ask;
      const headers = { ...headersFor(url), ...grant.headers };
      const body = message === undefined ? {} : { body: message.bytes };
      try {
        const response = await send({ method, url, headers, signal, ...body });
        const status = response.statusCode ?? 0;
        const told = toldBy(response, isSigned);
        nonce = told.nonce ?? nonce;
        const next = nextTry(again, told);
        if (next === undefined)
          return judged({ kind: "answered", response, status, url }, told.wanted, told.problem);
        response.resume();
        again = { ...next, ...timeOf(response) };
      } catch (error) {
        return forwardFailure(`The connector cannot be reached (${codeOf(error)}). Nothing was answered.`);
      }
    }
  };
};

/** What an answer says of the credential itself. */
const toldBy = (response: IncomingMessage, isSigned: boolean): Told => {
  const problem = isSigned ? signatureProblem(response) : undefined;
  const wanted = wantedIn(response);
  const isRefused = response.statusCode === 401 || wanted !== undefined || problem !== undefined;
  const nonce = isSigned ? nonceIn(response) : undefined;
  return { problem, wanted, isRefused, nonce, wantsNonce: nonce !== undefined && wantsNonce(response) };
};

interface Told {
  readonly problem: string | undefined;
  readonly wanted: Wanted | undefined;
  readonly isRefused: boolean;
  readonly nonce: string | undefined;
  readonly wantsNonce: boolean;
}

/**
 * What the agent says is heard to its end, also where what it says ends the request: it is why, and what to do about it.
 */
const heardOut = new AbortController().signal;

/** First the vault is asked anew, which knows why; then the person, by what the connector wants of them. */
const nextTry = (again: Again, { isRefused, wanted, wantsNonce }: Told): Again | undefined => {
  if (wantsNonce && again.hasNonce !== true) return { ...again, hasNonce: true };
  if (!isRefused) return undefined;
  if (again.refused !== true) return { ...again, refused: true };
  if (again.challenge !== undefined || wanted?.kind !== "authentication") return undefined;
  return { ...again, challenge: wanted.challenge };
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
