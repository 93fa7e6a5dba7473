import { orAfter, untilAborted } from "../abort.ts";
import type { Connector } from "../config/connector.ts";
import type { Shell } from "../config/command/shell.ts";
import type { FindScript } from "../config/scriptProgram.ts";
import type { Grant, SignedOutCause } from "../credentials/grant.ts";
import { misconfigured } from "../credentials/problem.ts";
import { readScriptResult } from "../credentials/script.ts";
import { scriptStart } from "../credentials/scriptStart.ts";
import type { Answer, AskSource, RunScript, SourcePorts } from "../credentials/source.ts";
import { Emitter } from "../emitter.ts";
import { forLog, LanyardError } from "../errors.ts";
import type { ActiveSession, SessionSource, SourceAnswer } from "../identity/session.ts";
import { startTrace, type Trace } from "../trace.ts";
import { hostOf } from "../urls.ts";
import { connectorKey, type Board } from "./board.ts";
import type { BoardEntry } from "./boardEntry.ts";
import { SessionEnded, type Asking } from "./sessionEnded.ts";
import type { Asker, PipelineAnswer } from "./answer.ts";
import { Question } from "./question.ts";
import { keepBetterKnown } from "./slowDown.ts";
import type { Finding } from "./status.ts";

export interface AskOptions {
  readonly asker: Asker;
  /** Ends this asker's interest; the shared question goes on for the others. */
  readonly signal: AbortSignal;
  /** Runs a team script near the asker; absent, Lanyard runs it itself. */
  readonly runScript?: RunScript;
  /** Set by a poll: see `Ask.waitSeconds`. */
  readonly waitSeconds?: number;
  /** How long this asker can wait, in milliseconds; then the answer is that none has come yet. */
  readonly withinMs?: number;
  /** The entry that is meant, as `connectorKey` names it. Once the board holds another, nothing is asked. */
  readonly entry?: string;
}

/** A question that was answered, without the headers. */
export interface Answered {
  readonly connectorId: string;
  /** Everyone who shares the answer. */
  readonly askers: ReadonlySet<Asker>;
  readonly finding: Finding;
}

export interface PipelineParts extends SourcePorts {
  readonly board: Board;
  readonly sessions: SessionSource;
  readonly askSource: AskSource;
  readonly runScript: RunScript;
  readonly findScript: FindScript;
  /** Who takes commands apart here; `sh` unless said. */
  readonly shell?: Shell;
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
  readonly #asking = new Set<Asking>();
  readonly #answered = new Emitter<Answered>();

  /** Fired while the question is still under way: whoever asks from within shares its answer. */
  readonly onDidAnswer = this.#answered.event;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Asks once. Questions about one entry that overlap share one answer. Rejects when `signal` fires first. */
  async ask(connectorId: string, options: AskOptions): Promise<PipelineAnswer> {
    options.signal.throwIfAborted();
    this.noteAsked(connectorId, options.asker);
    const row = this.#parts.board.get(connectorId);
    const connector = askable(row, options.entry)?.connector;
    if (connector === undefined) return this.#own(startTrace(), notApproved(row?.connector));
    const answer = await this.#within(this.#join(connector, options), options);
    this.handedOut(connectorId, options.asker, answer.grant);
    return answer;
  }

  /** The entry that the board holds under this id, as `connectorKey` names it. */
  entryOf(connectorId: string): string | undefined {
    const entry = this.#parts.board.get(connectorId);
    return entry === undefined ? undefined : connectorKey(entry.connector);
  }

  /** Notes that a helper asked; done by `ask`, and by whoever answers it from a question that was asked before. */
  noteAsked(connectorId: string, asker: Asker): void {
    if (asker === "helper") this.#parts.board.asked(connectorId, this.#parts.clock.now());
  }

  /** Notes a credential that leaves with its asker. */
  handedOut(connectorId: string, asker: Asker, grant: Grant): void {
    if (grant.kind !== "granted" || (asker !== "helper" && asker !== "editor")) return;
    this.#parts.board.issued(connectorId, this.#parts.clock.now(), grant.expiresAtMs);
  }

  /** Whoever waits for an answer by this session gets none from a source any more: it is over. */
  sessionEnded(sessionId: string, cause: SignedOutCause): void {
    for (const { end } of [...this.#asking].filter((asking) => asking.sessionId === sessionId)) {
      end.abort(new SessionEnded(cause));
    }
  }

  #join(connector: Connector, options: AskOptions): Question {
    const entry = connectorKey(connector);
    const underWay = this.#underWay.get(entry);
    if (underWay !== undefined && !underWay.abandoned.aborted) return underWay;
    const question: Question = new Question(options.waitSeconds !== undefined, (self) =>
      this.#question(connector, self, options).finally(() => {
        if (this.#underWay.get(entry) === self) this.#underWay.delete(entry);
      }),
    );
    this.#underWay.set(entry, question);
    if (options.asker === "check") this.#parts.board.checking(connector.id);
    return question;
  }

  #within(question: Question, { asker, signal, withinMs }: AskOptions): Promise<PipelineAnswer> {
    return question.heardBy(asker, (answer) => {
      if (withinMs === undefined) return untilAborted(answer, signal);
      const late = (): PipelineAnswer => this.#own(question.trace, this.#unavailable(tooSlow, 0));
      return untilAborted(orAfter(answer, this.#parts.clock, withinMs, late), signal);
    });
  }

  async #question(connector: Connector, question: Question, options: AskOptions): Promise<PipelineAnswer> {
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
    const finding = findingOf(answer.grant);
    board.record(connector.id, finding, evidence);
    log.info("connector.answered", {
      connector: connector.name,
      asker: options.asker,
      grant: grant.kind,
      answeredBy,
      traceId: trace.traceId,
    });
    this.#answered.fire({ connectorId: connector.id, askers: question.askers, finding });
    return answer;
  }

  /**
   * Never rejects. A source that does not heed its signal is left behind when the time is up.
   * @returns `undefined` when nobody wants to know any more.
   */
  async #answer(
    connector: Connector,
    { trace, abandoned }: Question,
    options: AskOptions,
  ): Promise<Answer | undefined> {
    const end = new AbortController();
    const letGo = (): void => end.abort(new LanyardError("cancelled", "Nobody waits for the answer."));
    abandoned.addEventListener("abort", letGo, { once: true });
    const asking: Asking = { end };
    this.#asking.add(asking);
    const timeoutMs = this.#parts.questionTimeoutMs ?? defaultQuestionTimeoutMs;
    const timer = this.#parts.clock.after(timeoutMs, () => end.abort(new LanyardError("timedOut", tooSlow)));
    try {
      return await untilAborted(this.#askWithSession(connector, trace, asking, options), end.signal);
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
      this.#asking.delete(asking);
    }
  }

  /** A refused subject token is refreshed once and asked with again before it counts as signed out. */
  async #askWithSession(
    connector: Connector,
    trace: Trace,
    asking: Asking,
    options: AskOptions,
  ): Promise<Answer> {
    const { sessions } = this.#parts;
    const { signal } = asking.end;
    const first = await sessions.fresh(connector.userAuth, { signal, traceparent: trace.traceparent() });
    if (first.kind !== "active") return withoutSession(connector, first);
    asking.sessionId = first.session.id;
    const answer = await this.#askSource(connector, first.session, trace, signal, options);
    if (answer.grant.kind !== "signedOut") return answer;
    const refused = first.session.accessToken;
    const traceparent = trace.traceparent();
    const second = await sessions.fresh(connector.userAuth, { signal, traceparent, refused });
    if (second.kind !== "active") return withoutSession(connector, second);
    asking.sessionId = second.session.id;
    return this.#askSource(connector, second.session, trace, signal, options);
  }

  async #askSource(
    connector: Connector,
    session: ActiveSession,
    trace: Trace,
    signal: AbortSignal,
    options: AskOptions,
  ): Promise<Answer> {
    const { waitSeconds } = options;
    const ask = { connector, session, trace, signal, ...(waitSeconds === undefined ? {} : { waitSeconds }) };
    signal.throwIfAborted();
    if (connector.helper.kind !== "script") return this.#parts.askSource(ask, this.#parts);
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

const notApproved = (connector: Connector | undefined): Grant => ({
  kind: "misconfigured",
  issues: [
    {
      code: "forbidden",
      severity: "error",
      template: "The connector is not approved. Review it in the Connectors view.",
      args: [],
      ...(connector === undefined ? {} : { connector: connector.id, place: connector.place }),
    },
  ],
});

/** A script would send it as a bearer token, which every server has to refuse. */
const boundToken = (connector: Connector): Grant =>
  misconfigured(
    connector,
    "The sign-in's token is bound to a key (DPoP), so no script can use it. Turn {0} off and sign in again, or use another credential source.",
    "lanyard.senderConstrainedTokens",
  );

const withoutSession = (connector: Connector, answer: Exclude<SourceAnswer, { kind: "active" }>): Answer => ({
  grant: answer,
  answeredBy: hostOf(connector.userAuth.issuer),
});

/** The grant without its headers: what may be kept and shown. */
export const findingOf = (grant: Grant): Finding => {
  if (grant.kind !== "granted") return grant;
  return grant.expiresAtMs === undefined
    ? { kind: "granted" }
    : { kind: "granted", expiresAtMs: grant.expiresAtMs };
};
