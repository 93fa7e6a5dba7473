import type { Connector } from "../config/connector.ts";
import type { Clock } from "../ports.ts";
import { Secret } from "../secret.ts";
import type { BoardEntry } from "./board/boardEntry.ts";
import { connectorKey } from "./board/lookup.ts";

const defaultReuseSeconds = 10;

/** What was granted, as it is sent. */
export interface KeptGrant {
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAtMs?: number;
  readonly traceId: string;
}

interface Kept {
  readonly headers: Readonly<Record<string, Secret>>;
  readonly traceId: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Grants that may be used again for some seconds, by the entry they are for. One is void once the board knows anything
 * newer of its connector than the answer that it came with (a check, a revocation, a sign-out, another entry), so no
 * header is given for a connector that is not granted now.
 */
export class GrantReuse {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  keep(connector: Connector, { headers, expiresAtMs = Infinity, traceId }: KeptGrant): void {
    const { reuseSeconds = defaultReuseSeconds } = connector.userAuth;
    if (reuseSeconds === 0) return;
    const sinceMs = this.#clock.now();
    this.#kept.set(connectorKey(connector), {
      ...{ headers: secretsOf(headers), traceId, sinceMs },
      untilMs: Math.min(sinceMs + reuseSeconds * 1000, expiresAtMs),
    });
  }

  /** The grant that still holds for this row of the board. */
  take({ connector, status }: BoardEntry): KeptGrant | undefined {
    this.#forgetOld();
    const kept = this.#kept.get(connectorKey(connector));
    if (kept === undefined) return undefined;
    if (status.kind === "granted" && status.evidence.traceId === kept.traceId) {
      return { headers: revealed(kept.headers), traceId: kept.traceId };
    }
    this.forget(connector);
    return undefined;
  }

  /** A server refused it. */
  forget(connector: Connector): void {
    this.#kept.delete(connectorKey(connector));
  }

  /** A clock that was set back makes nothing younger. */
  #forgetOld(): void {
    const nowMs = this.#clock.now();
    for (const [key, { sinceMs, untilMs }] of this.#kept) {
      if (nowMs >= untilMs || nowMs < sinceMs) this.#kept.delete(key);
    }
  }
}

const secretsOf = (headers: Readonly<Record<string, string>>): Kept["headers"] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, new Secret(value)]));

const revealed = (headers: Kept["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
