import type { Ports } from "../ports.ts";
import type { Discovery } from "./idp/discovery.ts";
import type { SessionStore } from "./sessions/sessionStore.ts";

/** What a piece of work may do about the lock that it holds. */
export interface Turn {
  /** Keeps others out for so many milliseconds after the work is done: until they see what it has stored. */
  holdFor(ms: number): void;
  /** Who held it before has died amid its work, or hangs: a renewal of theirs may have been done, and its reply lost. */
  readonly isTakenOver?: boolean;
}

export type WithLock = <T>(sessionId: string, work: (turn: Turn) => Promise<T>) => Promise<T>;

export interface IdentityOptions {
  /** How long a person may take to sign in. */
  readonly signInTimeoutMs: number;
  /** An access token that lives no longer than this is refreshed before it is used. */
  readonly refreshMarginMs: number;
  /** How far this machine's clock may be from the IdP's. */
  readonly clockToleranceSeconds: number;
  /** How long another window's write may take to be seen here. */
  readonly storageDelayMs: number;
  /** Whether a sign-in asks for sender-constrained tokens where the IdP offers them (RFC 9449). */
  readonly senderConstrained: () => boolean;
  /** Keeps other processes from refreshing the same session meanwhile; straight through where nobody else does. */
  readonly withLock: WithLock;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
}

export const defaultOptions: IdentityOptions = {
  signInTimeoutMs: 5 * 60_000,
  refreshMarginMs: 60_000,
  clockToleranceSeconds: 120,
  storageDelayMs: 400,
  senderConstrained: () => false,
  withLock: (_sessionId, work) => work({ holdFor: () => undefined }),
  random: Math.random,
};

/** What the pieces of the identity layer share. `fetch` is a bounded one. */
export interface IdentityContext extends Pick<Ports, "clock" | "fetch" | "log"> {
  readonly discovery: Discovery;
  readonly store: SessionStore;
  readonly options: IdentityOptions;
}
