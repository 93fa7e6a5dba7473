import type { Connector } from "../config/connector.ts";
import type { ActiveSession } from "../identity/session.ts";
import type { Ports } from "../ports.ts";
import type { Trace } from "../trace.ts";
import type { Grant } from "./grant.ts";

/** One question to a credential source. */
export interface Ask {
  readonly connector: Connector;
  readonly session: ActiveSession;
  readonly trace: Trace;
  readonly signal: AbortSignal;
}

/** A grant and who gave it: a host, or the name of a script. */
export interface Answer {
  readonly grant: Grant;
  readonly answeredBy: string;
}

export type SourcePorts = Pick<Ports, "clock" | "fetch" | "log">;

/** Asks the connector's credential source once. A refused subject token is `signedOut`; the pipeline refreshes and asks again. */
export type AskSource = (ask: Ask, ports: SourcePorts) => Promise<Answer>;

/** What a team script left behind. */
export interface ScriptResult {
  readonly exitCode: number | "timedOut" | "notStarted";
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a connector's team script with the user's token in its environment, within the signal. */
export type RunScript = (ask: Ask, command: string) => Promise<ScriptResult>;
