import type { Connector } from "../../config/connector.ts";
import type { Shell } from "../../config/command/shell.ts";
import type { FindScript } from "../../config/command/scriptProgram.ts";
import type { SourceResult } from "../../credentials/grant.ts";
import { readScriptResult } from "../../credentials/script/script.ts";
import { scriptStart } from "../../credentials/script/scriptStart.ts";
import type { QuerySource, RunScript, SourcePorts } from "../../credentials/source.ts";
import type { ActiveSession, SessionSource, SourceAnswer } from "../../identity/session.ts";
import { sameSecret } from "../../identity/sessions/records.ts";
import type { Trace } from "../../trace.ts";
import { hostOf } from "../../urls.ts";
import { Demands } from "./demands.ts";
import { boundToken, lanyardItself, refusesLiveToken } from "./problems.ts";
import type { RunningQuestion } from "./question.ts";

export interface CredentialQueryParts extends SourcePorts {
  readonly sessions: SessionSource;
  readonly querySource: QuerySource;
  readonly runScript: RunScript;
  readonly findScript: FindScript;
  /** Who takes commands apart here; `sh` unless said. */
  readonly shell?: Shell;
}

export interface CredentialQueryOptions {
  /** Runs a team script near the asker; absent, Lanyard runs it itself. */
  readonly runScript?: RunScript;
  /** Set by a poll: see `SourceQuery.waitSeconds`. */
  readonly waitSeconds?: number;
  /** See `SourceQuery.unasked`. */
  readonly unasked?: boolean;
}

/** From a connector to the answer of its source: a fresh session, then the source or the team's script. */
export class CredentialQuery {
  readonly #parts: CredentialQueryParts;
  /** What connectors want proved beyond what their vaults do. */
  readonly demands: Demands;

  constructor(parts: CredentialQueryParts) {
    this.#parts = parts;
    this.demands = new Demands(parts.clock);
  }

  /**
   * A subject token that the source refuses is renewed once and asked with again. A session that the identity
   * provider stands by all the same is not over: then it is the source that does not take its tokens.
   */
  async ask(
    connector: Connector,
    trace: Trace,
    running: RunningQuestion,
    options: CredentialQueryOptions,
  ): Promise<SourceResult> {
    const { sessions } = this.#parts;
    const { signal } = running.end;
    const first = await sessions.fresh(connector.userAuth, { signal, traceparent: trace.traceparent() });
    if (first.kind !== "active") return withoutSession(connector, first);
    running.sessionId = first.session.id;
    const answer = await this.#query(connector, first.session, trace, signal, options);
    if (answer.grant.kind !== "signedOut") return answer;
    const refused = first.session.accessToken;
    const traceparent = trace.traceparent();
    const second = await sessions.fresh(connector.userAuth, { signal, traceparent, refused });
    if (second.kind !== "active") return withoutSession(connector, second);
    running.sessionId = second.session.id;
    if (sameSecret(second.session.accessToken, refused)) return this.#refusedAlive(connector, answer);
    return this.#refusedAlive(
      connector,
      await this.#query(connector, second.session, trace, signal, options),
    );
  }

  #refusedAlive(connector: Connector, { grant, answeredBy }: SourceResult): SourceResult {
    if (grant.kind !== "signedOut") return { grant, answeredBy };
    return {
      grant: refusesLiveToken(connector, answeredBy, grant.reason, this.#parts.clock.now()),
      answeredBy,
    };
  }

  async #query(
    connector: Connector,
    session: ActiveSession,
    trace: Trace,
    signal: AbortSignal,
    options: CredentialQueryOptions,
  ): Promise<SourceResult> {
    const { waitSeconds, unasked = false } = options;
    const held = waitSeconds === undefined ? {} : { waitSeconds };
    const ask = { connector, session, trace, signal, ...held, ...(unasked ? { unasked } : {}) };
    signal.throwIfAborted();
    const unmet = this.demands.unmet(connector, session);
    if (unmet !== undefined) return unmet;
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
}

/** What the identity provider's word comes to where there is no session. */
export const withoutSession = (
  connector: Connector,
  answer: Exclude<SourceAnswer, { kind: "active" }>,
): SourceResult => ({
  grant: answer,
  answeredBy: hostOf(connector.userAuth.issuer),
});
