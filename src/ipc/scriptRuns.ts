import { randomBytes } from "node:crypto";
import type { BoardEntry } from "../core/connectors/board.ts";
import type { Ask, RunScript, ScriptResult } from "../core/credentials/source.ts";
import type { Clock } from "../core/ports.ts";
import { exitCodes } from "./exitCodes.ts";
import type { HeadersApi } from "./headersApi.ts";
import type { HeadersReply, HeadersRequest } from "./protocol.ts";

/**
 * Team scripts run where the helper runs, so a question with a script is a conversation: the helper asks, is told to
 * run the script under a ticket, posts what it left behind, and gets the answer (or is told to run it once more,
 * after a refresh). It lives until its answer is given or the helper's deadline.
 */
export class ScriptRuns {
  readonly #headers: HeadersApi;
  readonly #clock: Clock;
  readonly #byTicket = new Map<string, Conversation>();

  constructor(headers: HeadersApi, clock: Clock) {
    this.#headers = headers;
    this.#clock = clock;
  }

  /** How many tickets are out; tests show that it ends at zero. */
  get size(): number {
    return this.#byTicket.size;
  }

  /** The first reply: a ticket, or the answer at once. */
  start(entry: BoardEntry, request: HeadersRequest, leftMs: number): Promise<HeadersReply> {
    const end = new AbortController();
    const timer = this.#clock.after(leftMs, () => end.abort());
    const conversation = new Conversation(end.signal, (ticket, ask) => {
      this.#byTicket.set(ticket, conversation);
      return runReply(ticket, ask);
    });
    const first = conversation.next();
    void this.#headers
      .ask(entry, request, leftMs, end.signal, conversation.runScript)
      .catch(() => this.#headers.unfinished(request, end.signal.aborted ? "overdue" : "failed"))
      .then((reply) => conversation.say(reply))
      .finally(() => {
        timer.dispose();
        for (const [ticket, open] of this.#byTicket) {
          if (open === conversation) this.#byTicket.delete(ticket);
        }
      });
    return first;
  }

  /** @returns undefined when there is no such ticket: it was used, or its deadline has passed. */
  post(ticket: string, result: ScriptResult): Promise<HeadersReply> | undefined {
    const conversation = this.#byTicket.get(ticket);
    if (conversation === undefined) return undefined;
    this.#byTicket.delete(ticket);
    const next = conversation.next();
    conversation.finish(result);
    return next;
  }
}

const timedOut: ScriptResult = { exitCode: "timedOut", stdout: "", stderr: "" };

class Conversation {
  readonly #signal: AbortSignal;
  readonly #hand: (ticket: string, ask: Ask) => HeadersReply;
  #tell: (reply: HeadersReply) => void = () => undefined;
  #finish: (result: ScriptResult) => void = () => undefined;

  constructor(signal: AbortSignal, hand: (ticket: string, ask: Ask) => HeadersReply) {
    this.#signal = signal;
    this.#hand = hand;
  }

  /** What the helper's present request will be answered with. */
  next(): Promise<HeadersReply> {
    return new Promise((resolve) => (this.#tell = resolve));
  }

  say(reply: HeadersReply): void {
    this.#tell(reply);
  }

  finish(result: ScriptResult): void {
    this.#finish(result);
  }

  readonly runScript: RunScript = (ask) => {
    const end = AbortSignal.any([this.#signal, ask.signal]);
    return new Promise((resolve) => {
      this.#finish = resolve;
      if (end.aborted) {
        resolve(timedOut);
        return;
      }
      end.addEventListener("abort", () => resolve(timedOut), { once: true });
      this.say(this.#hand(randomBytes(16).toString("hex"), ask));
    });
  };
}

const runReply = (ticket: string, { session }: Ask): HeadersReply => ({
  kind: "run",
  exitCode: exitCodes.internal,
  text: "lanyard: this client cannot run the team script.",
  ticket,
  issuer: session.issuer,
  token: session.accessToken.reveal(),
});
