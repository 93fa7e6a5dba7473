import type { Connector } from "../config/connector.ts";
import type { ActiveSession } from "../identity/session.ts";
import type { Ports, SignRequest } from "../ports.ts";
import type { Trace } from "../trace.ts";
import type { Secret } from "../secret.ts";
import type { SourceResult } from "./grant.ts";
import type { SessionCache } from "./sessionCache.ts";

/** One question to a credential source. */
export interface SourceQuery {
  readonly connector: Connector;
  readonly session: ActiveSession;
  readonly trace: Trace;
  readonly signal: AbortSignal;
  /** Set when polling: how long the vault may hold its reply until something changes (RFC 7240, `Prefer: wait`). */
  readonly waitSeconds?: number;
  /** Nobody wants a credential: the vault is asked to send nothing to anybody's phone for this (`Prefer: no-push`). */
  readonly unasked?: boolean;
}

/** A private key for client authentication (RFC 7523, `private_key_jwt`), as a JWK with `kty`, `d`, `kid` and `alg`. */
export type ClientKey = Secret;

/**
 * What a source needs. All beyond the ports is optional: a source that lacks it says `misconfigured`. Only `send` fetches,
 * and bounds what it fetches.
 */
export interface SourcePorts extends Pick<Ports, "clock" | "fetch" | "log"> {
  /** The token endpoint in an issuer's metadata (RFC 8414). @throws LanyardError when it cannot be read. */
  readonly tokenEndpoint?: (issuer: string, signal: AbortSignal) => Promise<string>;
  /** The client key that the settings hold under this name, for connectors of this identity provider and no other. */
  readonly clientKey?: (name: string, issuer: string) => Promise<ClientKey | undefined>;
  /** Signs requests for sender-constrained tokens: the session's own, or another that is bound to the same key. */
  readonly signRequest?: (query: SourceQuery, token?: Secret) => SignRequest | undefined;
  /** What sources remember between questions. Without one, nothing is remembered: no deferred answers. */
  readonly keeper?: SessionCache;
}

/** Asks the connector's credential source once. A refused subject token is `signedOut`; the pipeline refreshes and asks again. */
export type QuerySource = (query: SourceQuery, ports: SourcePorts) => Promise<SourceResult>;

/** A team script's output beyond this, in kB of 1024 bytes, is no set of headers that a server would take. */
export const mostScriptOutputKb = 40;

/** What keeps Windows from starting a script. */
export const scriptObstacles = ["notOnPath", "noShell", "argument", "networkFolder"] as const;
export type ScriptObstacle = (typeof scriptObstacles)[number];

/** What a team script left behind. */
export interface ScriptResult {
  /** `tooMuchOutput`: it was ended for it. */
  readonly exitCode: number | "timedOut" | "notStarted" | "tooMuchOutput";
  /** Why it was not started, where that is known. */
  readonly obstacle?: ScriptObstacle;
  readonly stdout: string;
  readonly stderr: string;
}

/** What runs when a team script does, wherever the one is who runs it. */
export interface ScriptStart {
  /** As the entry has it. */
  readonly command: string;
  /** The script's own path, links resolved; absent for a command on PATH, and where only a shell can tell. */
  readonly program?: string;
  /** The entry's own folder; absent for an entry that belongs to none. */
  readonly folder?: string;
}

/** Runs a connector's team script with the user's token, handed over as the entry says, within the signal. */
export type RunScript = (query: SourceQuery, start: ScriptStart) => Promise<ScriptResult>;
