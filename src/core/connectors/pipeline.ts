import { untilAborted } from "../abort.ts";
import type { Answer, AskSource, RunScript, SourcePorts } from "../credentials/source.ts";
import { readScriptResult } from "../credentials/script.ts";
import type { Connector } from "../config/connector.ts";
import type { Grant } from "../credentials/grant.ts";
import { LanyardError } from "../errors.ts";
import type { ActiveSession, SessionAnswer, SessionSource } from "../identity/session.ts";
import { SingleFlight } from "../singleFlight.ts";
import { startTrace, type Trace } from "../trace.ts";
import type { Board, BoardEntry } from "./board.ts";
import type { Evidence, Finding } from "./status.ts";

/**
 * Who wants to know: a helper or the editor's own MCP client, who take the headers away with them; a person who
 * checks; or a wait that asks again and again until the person has done their part.
 */
export type Asker = "helper" | "editor" | "check" | "wait";

export interface AskOptions {
  readonly asker: Asker;
  /** Ends this asker's interest; the shared question goes on for the others. */
  readonly signal: AbortSignal;
  /** Runs a team script near the asker; absent, Lanyard runs it itself. */
  readonly runScript?: RunScript;
  /** Set by a poll: see `Ask.waitSeconds`. */
  readonly waitSeconds?: number;
}

export interface PipelineAnswer {
  readonly grant: Grant;
  readonly evidence: Evidence;
}

export interface PipelineParts extends SourcePorts {
  readonly board: Board;
  readonly sessions: SessionSource;
  readonly askSource: AskSource;
  readonly runScript: RunScript;
  /** How long one question may take, all its requests together. */
  readonly questionTimeoutMs?: number;
}

const lanyardItself = "Lanyard";
const defaultQuestionTimeoutMs = 15_000;
const retryAfterFailureMs = 5_000;

/**
 * The one way from a connector to its credential (design section 4): approved? a fresh session? what does the
 * source say? The helper, the tree's "check now" and the editor's MCP client all walk it.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #flights = new SingleFlight<string, PipelineAnswer>();

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Asks once. Questions about one connector that overlap share one answer. Rejects when `signal` fires first. */
  async ask(connectorId: string, options: AskOptions): Promise<PipelineAnswer> {
    const { board, clock } = this.#parts;
    if (options.asker === "helper") board.asked(connectorId, clock.now());
    if (options.asker === "check") board.checking(connectorId);
    const answer = await untilAborted(
      this.#flights.run(connectorId, () => this.#question(connectorId, options)),
      options.signal,
    );
    this.handedOut(connectorId, options.asker, answer.grant);
    return answer;
  }

  /** Notes a credential that leaves with its asker. */
  handedOut(connectorId: string, asker: Asker, grant: Grant): void {
    if (grant.kind !== "granted" || (asker !== "helper" && asker !== "editor")) return;
    this.#parts.board.issued(connectorId, this.#parts.clock.now(), grant.expiresAtMs);
  }

  async #question(connectorId: string, options: AskOptions): Promise<PipelineAnswer> {
    const trace = startTrace();
    const entry = this.#parts.board.get(connectorId);
    if (entry === undefined || !mayBeAsked(entry)) return this.#own(trace, notApproved(entry?.connector));
    const { answeredBy, grant } = await this.#answer(entry.connector, trace, options);
    const evidence = { answeredBy, atMs: this.#parts.clock.now(), traceId: trace.traceId };
    // What was approved when the question was put may have changed since: the answer is not for the entry of now.
    const present = this.#parts.board.get(connectorId);
    if (present === undefined || !mayBeAsked(present) || present.connector !== entry.connector) {
      return this.#own(trace, notApproved(entry.connector));
    }
    this.#parts.board.record(connectorId, findingOf(grant), evidence);
    this.#parts.log.info("connector.answered", {
      connector: entry.connector.name,
      asker: options.asker,
      grant: grant.kind,
      answeredBy,
      traceId: trace.traceId,
    });
    return { grant, evidence };
  }

  async #answer(connector: Connector, trace: Trace, options: AskOptions): Promise<Answer> {
    const deadline = new AbortController();
    const timeoutMs = this.#parts.questionTimeoutMs ?? defaultQuestionTimeoutMs;
    const timer = this.#parts.clock.after(timeoutMs, () =>
      deadline.abort(new LanyardError("timedOut", "The identity provider or vault took too long to answer.")),
    );
    try {
      return await this.#askWithSession(connector, trace, deadline.signal, options);
    } catch (error) {
      this.#parts.log.error("connector.failed", { connector: connector.name, error: String(error) });
      return { grant: this.#failed(error), answeredBy: lanyardItself };
    } finally {
      timer.dispose();
    }
  }

  /** A refused subject token is refreshed once and asked with again before it counts as signed out. */
  async #askWithSession(
    connector: Connector,
    trace: Trace,
    signal: AbortSignal,
    options: AskOptions,
  ): Promise<Answer> {
    const fresh = { signal, traceparent: trace.traceparent() };
    const first = await this.#parts.sessions.fresh(connector.userAuth, fresh);
    if (first.kind !== "active") return withoutSession(connector, first);
    const answer = await this.#askSource(connector, first.session, trace, signal, options);
    if (answer.grant.kind !== "signedOut") return answer;
    const refused = { ...fresh, refused: first.session.accessToken };
    const second = await this.#parts.sessions.fresh(connector.userAuth, refused);
    if (second.kind !== "active") return withoutSession(connector, second);
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
    if (connector.helper.kind !== "script") return this.#parts.askSource(ask, this.#parts);
    const { command } = connector.helper;
    const result = await (options.runScript ?? this.#parts.runScript)(ask, command);
    return { grant: readScriptResult(result, this.#parts.clock.now()), answeredBy: command };
  }

  #own(trace: Trace, grant: Grant): PipelineAnswer {
    return {
      grant,
      evidence: { answeredBy: lanyardItself, atMs: this.#parts.clock.now(), traceId: trace.traceId },
    };
  }

  #failed(error: unknown): Grant {
    const reason =
      error instanceof LanyardError
        ? error.message
        : "Lanyard could not finish the question. Its log says why.";
    return { kind: "unavailable", reason, retryAtMs: this.#parts.clock.now() + retryAfterFailureMs };
  }
}

const mayBeAsked = (entry: BoardEntry): boolean =>
  entry.status.kind !== "untrusted" && entry.status.kind !== "unapproved";

const notApproved = (connector: Connector | undefined): Grant => ({
  kind: "misconfigured",
  issues: [
    {
      code: "forbidden",
      severity: "error",
      template: "The connector is not approved. Review it in the Connectors view.",
      args: [],
      ...(connector === undefined ? {} : { connector: connector.name, place: connector.place }),
    },
  ],
});

const withoutSession = (
  connector: Connector,
  answer: Exclude<SessionAnswer, { kind: "active" }>,
): Answer => ({
  grant: answer,
  answeredBy: new URL(connector.userAuth.issuer).host,
});

/** The grant without its headers: what may be kept and shown. */
export const findingOf = (grant: Grant): Finding => {
  if (grant.kind !== "granted") return grant;
  return grant.expiresAtMs === undefined
    ? { kind: "granted" }
    : { kind: "granted", expiresAtMs: grant.expiresAtMs };
};
