import type { IncomingMessage } from "node:http";
import type { Ask, GrantingAgent } from "./agent.ts";
import type { Told } from "./refusal/told.ts";
import type { SendHttp } from "./wire/http.ts";
import { forwardFailure, type AnsweredHttp, type Failure } from "./refusal/verdict.ts";

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
      if (grant.kind !== "authorized") return (await import("./refusal/told.ts")).refusedByAgent(grant);
      const { url, proxy, isSigned = false } = grant;
      const { method, message } = ask;
      const headers = { ...headersFor(url), ...grant.headers };
      const body = message === undefined ? {} : { body: message.bytes };
      try {
        const response = await send({ method, url, proxy, headers, signal, ...body });
        const status = response.statusCode ?? 0;
        if (isSigned) nonce = nonceIn(response) ?? nonce;
        const answered: AnsweredHttp = { kind: "answered", response, status, url };
        if (status < 300 || status > 403) return answered;
        // Few answers say anything of the credential.
        const { toldIn, judged } = await import("./refusal/told.ts");
        const told = toldIn(response, isSigned);
        const next = nextTry(again, told);
        if (next === undefined) return judged(answered, told);
        response.resume();
        again = { ...next, ...timeOf(response) };
      } catch (error) {
        return forwardFailure(`The connector cannot be reached (${codeOf(error)}). Nothing was answered.`);
      }
    }
  };
};

/** What a server wants in the next proof, where it says so; it may with any answer (RFC 9449, sections 8.2 and 9). */
const nonceIn = ({ headers }: IncomingMessage): string | undefined => {
  const nonce = headers["dpop-nonce"];
  const isSound = typeof nonce === "string" && /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/.test(nonce);
  return isSound ? nonce : undefined;
};

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

const timeOf = ({ headers }: IncomingMessage): Pick<Ask, "serverTimeMs"> => {
  const serverTimeMs = Date.parse(headers.date ?? "");
  return Number.isNaN(serverTimeMs) ? {} : { serverTimeMs };
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no connection";
