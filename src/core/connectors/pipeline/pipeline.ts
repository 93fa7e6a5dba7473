import { orAfter, untilAborted } from "../../abort.ts";
import type { Connector } from "../../config/connector.ts";
import type { Shell } from "../../config/command/shell.ts";
import type { FindScript } from "../../config/command/scriptProgram.ts";
import type { Grant, SignedOutCause, SourceResult } from "../../credentials/grant.ts";
import { readScriptResult } from "../../credentials/script/script.ts";
import { scriptStart } from "../../credentials/script/scriptStart.ts";
import type { QuerySource, RunScript, SourcePorts } from "../../credentials/source.ts";
import { Emitter } from "../../emitter.ts";
import { forLog, LanyardError } from "../../errors.ts";
import { sameSecret } from "../../identity/sessions/records.ts";
import type { ActiveSession, SessionSource, SourceAnswer } from "../../identity/session.ts";
import { startTrace, type Trace } from "../../trace.ts";
import { hostOf } from "../../urls.ts";
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
import { boundToken, notApproved, refusesLiveToken } from "./problems.ts";
import { keepBetterKnown } from "../wait/slowDown.ts";
import type { GrantState } from "../board/status.ts";

export interface ObtainOptions {
  readonly requester: Requester;
  /** Ends this asker's interest; the shared question goes on for the others. */
  readonly signal: AbortSignal;
  /** Runs a team script near the asker; absent, Lanyard runs it itself. */
  readonly runScript?: RunScript;
  /** Set by a poll: see `SourceQuery.waitSeconds`. */
  readonly waitSeconds?: number;
  /** See `SourceQuery.unasked`. */
  readonly unasked?: boolean;
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

export interface PipelineParts extends SourcePorts {
  readonly board: Board;
  readonly sessions: SessionSource;
  readonly querySource: QuerySource;
  readonly runScript: RunScript;
  readonly findScript: FindScript;
  /** Who takes commands apart here; `sh` unless said. */
  readonly shell?: Shell;
  /** Takes what was answered and what leaves; absent, nothing is kept. */
  readonly history?: History;
  /** How long one question may take, all its requests together. */
  readonly questionTimeoutMs?: number;
}

const lanyardItself = "Lanyard";
const defaultQuestionTimeoutMs = 15_000;
const retryAfterFailureMs = 2_000;

/**
 * The one way from a connector to its credential: approved? a fresh session? what does the
 * source say? The helper, the tree's "check now" and the editor's MCP client all walk it.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  /** By entry, not by id: who asks for an entry that has just changed does not share the question about the old one. */
  readonly #underWay = new Map<string, Question>();
  readonly #running = new Set<RunningQuestion>();
  readonly #answered = new Emitter<Answered>();

  /** Fired while the question is still under way: whoever asks from within shares its answer. */
  readonly onDidAnswer = this.#answered.event;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Asks once. Questions about one entry that overlap share one answer. Rejects when `signal` fires first. */
  async obtain(connectorId: string, options: ObtainOptions): Promise<PipelineAnswer> {
    options.signal.throwIfAborted();
    this.noteRequested(connectorId, options.requester);
    const row = this.#parts.board.get(connectorId);
    const connector = askable(row, options.entry)?.connector;
    if (connector === undefined) return this.#own(startTrace(), notApproved(row?.connector));
    const answer = await this.#within(this.#join(connector, options), options);
    this.handedOut(connectorId, options.requester, answer.grant);
    return answer;
  }

  /** The entry that the board holds under this id, as `connectorKey` names it. */
  entryOf(connectorId: string): string | undefined {
    const entry = this.#parts.board.get(connectorId);
    return entry === undefined ? undefined : connectorKey(entry.connector);
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
      return await untilAborted(this.#queryWithSession(connector, trace, running, options), end.signal);
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

  /**
   * A subject token that the source refuses is renewed once and asked with again. A session that the identity
   * provider stands by all the same is not over: then it is the source that does not take its tokens.
   */
  async #queryWithSession(
    connector: Connector,
    trace: Trace,
    running: RunningQuestion,
    options: ObtainOptions,
  ): Promise<SourceResult> {
    const { sessions } = this.#parts;
    const { signal } = running.end;
    const first = await sessions.fresh(connector.userAuth, { signal, traceparent: trace.traceparent() });
    if (first.kind !== "active") return withoutSession(connector, first);
    running.sessionId = first.session.id;
    const answer = await this.#querySource(connector, first.session, trace, signal, options);
    if (answer.grant.kind !== "signedOut") return answer;
    const refused = first.session.accessToken;
    const traceparent = trace.traceparent();
    const second = await sessions.fresh(connector.userAuth, { signal, traceparent, refused });
    if (second.kind !== "active") return withoutSession(connector, second);
    running.sessionId = second.session.id;
    if (sameSecret(second.session.accessToken, refused)) return this.#refusedAlive(connector, answer);
    return this.#refusedAlive(
      connector,
      await this.#querySource(connector, second.session, trace, signal, options),
    );
  }

  #refusedAlive(connector: Connector, { grant, answeredBy }: SourceResult): SourceResult {
    if (grant.kind !== "signedOut") return { grant, answeredBy };
    return {
      grant: refusesLiveToken(connector, answeredBy, grant.reason, this.#parts.clock.now()),
      answeredBy,
    };
  }

  async #querySource(
    connector: Connector,
    session: ActiveSession,
    trace: Trace,
    signal: AbortSignal,
    options: ObtainOptions,
  ): Promise<SourceResult> {
    const { waitSeconds, unasked = false } = options;
    const held = waitSeconds === undefined ? {} : { waitSeconds };
    const ask = { connector, session, trace, signal, ...held, ...(unasked ? { unasked } : {}) };
    signal.throwIfAborted();
    if (connector.helper.kind !== "script") return this.#parts.querySource(ask, this.#parts);
    const { command } = connector.helper;
    if (session.senderConstrained === true)
      return { grant: boundToken(connector), answeredBy: lanyardItself };
    const { findScript, shell } = this.#parts;
    const starting = await scriptStart(connector, command, findScript, shell);
    if (starting.kind === "held") return { grant: starting.grant, answeredBy: lanyardItself };
    const result = await (options.runScript ?? this.#parts.runScript)(ask, starting.start);
    return {
      grant: readScriptResult(result, this.#parts.clock.now(), connector, session.accessToken),
      answeredBy: command,
    };
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

const withoutSession = (
  connector: Connector,
  answer: Exclude<SourceAnswer, { kind: "active" }>,
): SourceResult => ({
  grant: answer,
  answeredBy: hostOf(connector.userAuth.issuer),
});

/** The grant without its headers: what may be kept and shown. */
export const grantStateOf = (grant: Grant): GrantState => {
  if (grant.kind !== "granted") return grant;
  return grant.expiresAtMs === undefined
    ? { kind: "granted" }
    : { kind: "granted", expiresAtMs: grant.expiresAtMs };
};
