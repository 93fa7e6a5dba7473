import { randomBytes } from "node:crypto";
import { inBackground } from "../../core/background.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import type { SourceQuery, RunScript, ScriptResult, ScriptStart } from "../../core/credentials/source.ts";
import type { Clock } from "../../core/ports.ts";
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
  readonly #window: string;
  readonly #byTicket = new Map<string, Conversation>();

  /** @param window eight hex digits that tickets begin with, so that others know whose they are. */
  constructor(headers: HeadersApi, clock: Clock, window: string = randomBytes(4).toString("hex")) {
    this.#headers = headers;
    this.#clock = clock;
    this.#window = window;
  }

  /** How many tickets are out; tests show that it ends at zero. */
  get size(): number {
    return this.#byTicket.size;
  }

  /** The first reply: a ticket, or the answer at once. */
  start(entry: BoardEntry, request: HeadersRequest, leftMs: number): Promise<HeadersReply> {
    const conversation = new Conversation((query, start) => {
      const ticket = `${this.#window}${randomBytes(12).toString("hex")}`;
      this.#byTicket.set(ticket, conversation);
      return startReply(ticket, query, start);
    });
    const deadline = this.#clock.after(leftMs, () => {
      conversation.giveUp();
      this.#forget(conversation);
    });
    const first = conversation.next();
    const { signal, runScript } = conversation;
    inBackground("script.answer", async () => {
      const reply = await this.#headers
        .answer(entry, request, leftMs, signal, { runScript })
        .catch(() => this.#headers.unfinished(request, signal.aborted ? "overdue" : "failed"));
      conversation.conclude(reply);
      // A script that still runs has its ticket until the deadline: others may share the question.
      if (conversation.isRunning) return;
      deadline.dispose();
      this.#forget(conversation);
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

  #forget(conversation: Conversation): void {
    for (const [ticket, open] of this.#byTicket) {
      if (open === conversation) this.#byTicket.delete(ticket);
    }
  }
}

const timedOut: ScriptResult = { exitCode: "timedOut", stdout: "", stderr: "" };

type Hand = (query: SourceQuery, start: ScriptStart) => HeadersReply;

/** One helper's question, from its first request to its answer. */
class Conversation {
  readonly #hand: Hand;
  readonly #end = new AbortController();
  #tell: (reply: HeadersReply) => void = () => undefined;
  #finish: ((result: ScriptResult) => void) | undefined;
  #conclusion: HeadersReply | undefined;

  constructor(hand: Hand) {
    this.#hand = hand;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Whether a script's result is awaited. */
  get isRunning(): boolean {
    return this.#finish !== undefined;
  }

  /** What the helper's present request is answered with. */
  next(): Promise<HeadersReply> {
    if (this.#conclusion !== undefined) return Promise.resolve(this.#conclusion);
    return new Promise((resolve) => (this.#tell = resolve));
  }

  conclude(reply: HeadersReply): void {
    this.#conclusion = reply;
    this.#tell(reply);
  }

  finish(result: ScriptResult): void {
    const finish = this.#finish;
    this.#finish = undefined;
    finish?.(result);
  }

  /** Nobody listens any more. */
  giveUp(): void {
    this.finish(timedOut);
    this.#end.abort();
  }

  readonly runScript: RunScript = (query, start) =>
    new Promise((resolve) => {
      this.#finish = resolve;
      // Nobody would run it: the one who could has their answer, or is gone.
      if (this.#conclusion !== undefined || this.#end.signal.aborted || query.signal.aborted) {
        this.finish(timedOut);
        return;
      }
      query.signal.addEventListener("abort", () => this.finish(timedOut), { once: true });
      this.#tell(this.#hand(query, start));
    });
}

/** Of another kind than helpers know that start whatever they were called with, wherever they are. */
const startReply = (
  ticket: string,
  { session }: SourceQuery,
  { program, folder }: ScriptStart,
): HeadersReply => ({
  kind: "start",
  exitCode: exitCodes.internal,
  text: "lanyard: this client cannot run the team script.",
  ticket,
  issuer: session.issuer,
  token: session.accessToken.reveal(),
  ...(program === undefined ? {} : { program }),
  ...(folder === undefined ? {} : { folder }),
});
