import type { Disposable } from "./disposable.ts";
import type { Event } from "./emitter.ts";
import type { Secret } from "./secret.ts";

/** What core needs of the world. Each is handed over narrowed (`Pick<Ports, "clock" | "fetch">`); tests have one small fake a port. */
export interface Ports {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly secrets: SecretsPort;
  readonly memory: MemoryPort;
  readonly log: Log;
}

export interface Clock {
  /** Milliseconds since the epoch; may jump when the machine sleeps or its clock is set. */
  now(): number;
  /** Calls `run` once, `delayMs` from now, unless disposed of before. */
  after(delayMs: number, run: () => void): Disposable;
}

/** The Fetch API. Implementations follow the host's proxy and certificate settings. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * How long the storage may take to answer. `forPerson`: as long as the person does, of whom the system's keyring may be
 * asking its password.
 */
export type StorageWait = "soon" | "forPerson";

/** Encrypted storage shared by all windows: no compare-and-swap, and other windows see a write some 0.3 s late. */
export interface SecretsPort {
  /** @param wait `soon` when left out. */
  get(key: string, wait?: StorageWait): Promise<string | undefined>;
  /**
   * @param wait `soon` when left out: what could not be waited for may still be stored.
   * @throws when the storage refuses; a storage that merely forgets resolves all the same.
   */
  store(key: string, value: string, wait?: StorageWait): Promise<void>;
  delete(key: string): Promise<void>;
  readonly onDidChange: Event<{ readonly key: string }>;
}

/** Small non-secret facts that survive restarts (`globalState`). */
export interface MemoryPort {
  get(key: string): unknown;
  update(key: string, value: unknown): Promise<void>;
}

export type LogFields = Readonly<Record<string, string | number | boolean | Secret | undefined>>;

/** A log of named events with flat fields; a `Secret` among them prints `[secret]`. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** What a request must carry besides its own headers: a DPoP proof, say (RFC 9449). Given ones replace those there. */
export type SignRequest = (
  request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  },
  /** The server's nonce, when it refused the first try because it had none (`use_dpop_nonce`). */
  nonce?: string,
) => Promise<Readonly<Record<string, string>>>;
