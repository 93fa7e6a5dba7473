import { orAfter, untilAborted } from "../../abort.ts";
import type { Connector } from "../../config/connector.ts";
import type { Grant, SignedOutCause, SourceResult } from "../../credentials/grant.ts";
import { Emitter } from "../../emitter.ts";
import { forLog, LanyardError } from "../../errors.ts";
import { startTrace, type Trace } from "../../trace.ts";
import { connectorFacts, type History } from "../../history/history.ts";
import { connectorKey, type Board } from "../board/board.ts";
import type { BoardEntry } from "../board/boardEntry.ts";
import {
  SessionEnded,
  type RunningQuestion,
  type Requester,
  type PipelineAnswer,
  Question,
} from "./question.ts";
import {
  CredentialQuery,
  withoutSession,
  type CredentialQueryOptions,
  type CredentialQueryParts,
} from "./credentialQuery.ts";
import type { Demand } from "./demands.ts";
import { causeForLog, lanyardItself, notApproved } from "./problems.ts";
import { keepBetterKnown } from "../wait/slowDown.ts";
import type { GrantState } from "../board/status.ts";

export interface ObtainOptions extends CredentialQueryOptions {
  readonly requester: Requester;
  /** Ends this asker's interest; the shared question goes on for the others. */
  readonly signal: AbortSignal;
  /** How long this asker can wait, in milliseconds; then the answer is that none has come yet. */
  readonly withinMs?: number;
  /** The entry that is meant, as `connectorKey` names it. Once the board holds another, nothing is asked. */
  readonly entry?: string;
}

/** A question that was answered, without the headers. */
export interface Answered {
  readonly connectorId: string;
  /** Everyone who shares the answer. */
  readonly requesters: ReadonlySet<Requester>;
  readonly state: GrantState;
}

export interface PipelineParts extends CredentialQueryParts {
  readonly board: Board;
  /** Takes what was answered and what leaves; absent, nothing is kept. */
  readonly history?: History;
  /** How long one question may take, all its requests together. */
  readonly questionTimeoutMs?: number;
}

const defaultQuestionTimeoutMs = 15_000;
const retryAfterFailureMs = 2_000;

/**
 * The one way from a connector to its credential: approved? a fresh session? what does the
 * source say? The helper, the tree's "check now" and the editor's MCP client all walk it.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #query: CredentialQuery;
  /** By entry, not by id: who asks for an entry that has just changed does not share the question about the old one. */
  readonly #underWay = new Map<string, Question>();
  readonly #running = new Set<RunningQuestion>();
  readonly #answered = new Emitter<Answered>();

  /** Fired while the question is still under way: whoever asks from within shares its answer. */
  readonly onDidAnswer = this.#answered.event;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#query = new CredentialQuery(parts);
  }

  /** Asks once. Questions about one entry that overlap share one answer. Rejects when `signal` fires first. */
  async obtain(connectorId: string, options: ObtainOptions): Promise<PipelineAnswer> {
    options.signal.throwIfAborted();
    this.noteRequested(connectorId, options.requester);
    const row = this.#parts.board.get(connectorId);
    const connector = askable(row, options.entry)?.connector;
    if (connector === undefined) return this.#own(startTrace(), notApproved(row?.connector));
    const answer = await this.#asked(connector, options);
    this.handedOut(connectorId, options.requester, answer.grant);
    return answer;
  }

  /** The entry that the board holds under this id, as `connectorKey` names it. */
  entryOf(connectorId: string): string | undefined {
    const entry = this.#parts.board.get(connectorId);
    return entry === undefined ? undefined : connectorKey(entry.connector);
  }

  /** The connector itself wants more proved than its vault does: the next question says so. */
  demand(connectorId: string, demand: Demand): void {
    const connector = this.#parts.board.get(connectorId)?.connector;
    if (connector !== undefined) this.#query.demands.make(connector, demand);
  }

  /** Notes that a helper asked; done by `obtain`, and by whoever answers it from a question that was asked before. */
  noteRequested(connectorId: string, requester: Requester): void {
    if (requester === "helper") this.#parts.board.noteRequested(connectorId, this.#parts.clock.now());
  }

  /** Notes a credential that leaves with its asker. */
  handedOut(connectorId: string, requester: Requester, grant: Grant): void {
    if (grant.kind !== "granted" || (requester !== "helper" && requester !== "editor")) return;
    const connector = this.#parts.board.get(connectorId)?.connector;
    if (requester === "editor" && connector !== undefined) {
      const { expiresAtMs } = grant;
      this.#parts.history?.note({
        kind: "handOut",
        ...connectorFacts(connector),
        asker: requester,
        expiresAtMs,
      });
    }
    this.#parts.board.issued(connectorId, this.#parts.clock.now(), grant.expiresAtMs);
  }

  /** Whoever waits for an answer by this session gets none from a source any more: it is over. */
  sessionEnded(sessionId: string, cause: SignedOutCause): void {
    for (const { end } of [...this.#running].filter((running) => running.sessionId === sessionId)) {
      end.abort(new SessionEnded(cause));
    }
  }

  #join(connector: Connector, options: ObtainOptions): Question {
    const entry = connectorKey(connector);
    const underWay = this.#underWay.get(entry);
    if (underWay !== undefined && !underWay.abandoned.aborted) return underWay;
    const question: Question = new Question(options.waitSeconds !== undefined, (self) =>
      this.#question(connector, self, options).finally(() => {
        if (this.#underWay.get(entry) === self) this.#underWay.delete(entry);
      }),
    );
    this.#underWay.set(entry, question);
    if (options.requester === "check") this.#parts.board.checking(connector.id);
    return question;
  }

  /** A person who checks while a question runs that nobody had asked, and hears that a push is to be sent, has asked for it. */
  async #asked(connector: Connector, options: ObtainOptions): Promise<PipelineAnswer> {
    const answer = await this.#within(this.#join(connector, options), options);
    const { grant } = answer;
    const isUnsent = grant.kind === "stepUp" && grant.how.kind === "push" && grant.how.unsent === true;
    return isUnsent && options.requester === "check" && options.unasked !== true
      ? this.#within(this.#join(connector, options), options)
      : answer;
  }

  #within(question: Question, { requester, signal, withinMs }: ObtainOptions): Promise<PipelineAnswer> {
    return question.heardBy(requester, (answer) => {
      if (withinMs === undefined) return untilAborted(answer, signal);
      const late = (): PipelineAnswer => this.#own(question.trace, this.#unavailable(tooSlow, 0));
      return untilAborted(orAfter(answer, this.#parts.clock, withinMs, late), signal);
    });
  }

  async #question(connector: Connector, question: Question, options: ObtainOptions): Promise<PipelineAnswer> {
    const { board, clock, log } = this.#parts;
    const { trace } = question;
    const answered = await this.#answer(connector, question, options);
    if (answered === undefined) return this.#own(trace, this.#unavailable(unknownFailure, 0));
    const { answeredBy, grant } = answered;
    const evidence = { answeredBy, atMs: clock.now(), traceId: trace.traceId };
    // What was approved when the question was put may have changed since: the answer is not for the entry of now.
    const present = askable(board.get(connector.id), connectorKey(connector));
    if (present === undefined) return this.#own(trace, notApproved(connector));
    const answer = { ...keepBetterKnown(grant, present.status, evidence.atMs), evidence };
    const finding = grantStateOf(answer.grant);
    board.record(connector.id, finding, evidence);
    log.info("connector.answered", {
      connector: connector.name,
      asker: options.requester,
      grant: grant.kind,
      cause: causeForLog(grant),
      answeredBy,
      traceId: trace.traceId,
    });
    if (options.requester !== "wait" || grant.kind === "granted") {
      this.#parts.history?.note({
        ...{ kind: "answer", ...connectorFacts(connector), asker: options.requester },
        ...{ answeredBy, outcome: grant.kind, traceId: trace.traceId },
        policy: grant.kind === "denied" ? grant.by : undefined,
        expiresAtMs: grant.kind === "granted" ? grant.expiresAtMs : undefined,
      });
    }
    this.#answered.fire({ connectorId: connector.id, requesters: question.requesters, state: finding });
    return answer;
  }

  /**
   * Never rejects. A source that does not heed its signal is left behind when the time is up.
   * @returns `undefined` when nobody wants to know any more.
   */
  async #answer(
    connector: Connector,
    { trace, abandoned }: Question,
    options: ObtainOptions,
  ): Promise<SourceResult | undefined> {
    const end = new AbortController();
    const letGo = (): void => end.abort(new LanyardError("cancelled", "Nobody waits for the answer."));
    abandoned.addEventListener("abort", letGo, { once: true });
    const running: RunningQuestion = { end };
    this.#running.add(running);
    const timeoutMs = this.#parts.questionTimeoutMs ?? defaultQuestionTimeoutMs;
    const timer = this.#parts.clock.after(timeoutMs, () => end.abort(new LanyardError("timedOut", tooSlow)));
    try {
      return await untilAborted(this.#query.ask(connector, trace, running, options), end.signal);
    } catch (error) {
      if (abandoned.aborted) return undefined;
      if (error instanceof SessionEnded) {
        return withoutSession(connector, { kind: "signedOut", cause: error.why });
      }
      const { name } = connector;
      this.#parts.log.error("connector.failed", {
        connector: name,
        error: forLog(error),
        traceId: trace.traceId,
      });
      const reason = error instanceof LanyardError ? error.message : unknownFailure;
      return { grant: this.#unavailable(reason, retryAfterFailureMs), answeredBy: lanyardItself };
    } finally {
      timer.dispose();
      abandoned.removeEventListener("abort", letGo);
      this.#running.delete(running);
    }
  }

  #own(trace: Trace, grant: Grant): PipelineAnswer {
    return {
      grant,
      evidence: { answeredBy: lanyardItself, atMs: this.#parts.clock.now(), traceId: trace.traceId },
    };
  }

  #unavailable(reason: string, retryAfterMs: number): Grant {
    return { kind: "unavailable", reason, retryAtMs: this.#parts.clock.now() + retryAfterMs };
  }
}

const tooSlow = "The identity provider or vault took too long to answer.";
const unknownFailure = "Lanyard could not finish the question. Its log says why.";

/** The row, if it is trusted and approved and still holds the entry that is meant. */
const askable = (row: BoardEntry | undefined, entry: string | undefined): BoardEntry | undefined => {
  if (row === undefined || row.status.kind === "untrusted" || row.status.kind === "unapproved")
    return undefined;
  return entry === undefined || entry === connectorKey(row.connector) ? row : undefined;
};

/** The grant without its headers: what may be kept and shown. */
export const grantStateOf = (grant: Grant): GrantState => {
  if (grant.kind !== "granted") return grant;
  return grant.expiresAtMs === undefined
    ? { kind: "granted" }
    : { kind: "granted", expiresAtMs: grant.expiresAtMs };
};
