import { randomInt, randomUUID } from "node:crypto";

/** What the vault waits for a person to do: connect an account, approve on the phone, confirm on a page. */
export type RequestKind = "connection" | "push" | "url";

export interface PersonRequest {
  readonly id: string;
  readonly kind: RequestKind;
  readonly user: string;
  readonly connector: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** What the person compares on the phone and in the editor. */
  readonly bindingMessage: string;
  readonly state: "pending" | "approved" | "rejected";
}

/** How often a waiting caller may ask, in seconds. */
export const intervalSeconds = 1;

const lifetimeSeconds: Readonly<Record<RequestKind, number>> = { connection: 600, push: 120, url: 600 };

/**
 * Hasty polls in a row until the caller is told to slow down. Asking for a link twice is no polling: the
 * person has not been sent there yet.
 */
const hastyLimit: Readonly<Record<RequestKind, number>> = { connection: 3, push: 1, url: 3 };

/** How long the end of a request is still told to a caller that comes back late. */
const afterlifeMs = 60_000;

/** The requests to people, one of a kind for each user and connector at a time. */
export class PersonRequests {
  readonly #byId = new Map<string, PersonRequest>();
  readonly #polls = new Map<string, { readonly lastMs: number; readonly hasty: number }>();
  readonly #lifetimes: Readonly<Record<RequestKind, number>>;

  constructor(lifetimes: Partial<Record<RequestKind, number>> = {}) {
    this.#lifetimes = { ...lifetimeSeconds, ...lifetimes };
  }

  /** The request of this kind that is open, or has just ended and was not told yet. */
  current(user: string, connector: string, kind: RequestKind): PersonRequest | undefined {
    this.#sweep();
    return [...this.#byId.values()].find(
      (request) => request.user === user && request.connector === connector && request.kind === kind,
    );
  }

  open(user: string, connector: string, title: string, kind: RequestKind): PersonRequest {
    const now = Date.now();
    const request: PersonRequest = {
      id: randomUUID(),
      kind,
      user,
      connector,
      createdAtMs: now,
      expiresAtMs: now + this.#lifetimes[kind] * 1000,
      bindingMessage: `${title}: allow for ${user}, code ${randomInt(1000, 10_000)}`,
      state: "pending",
    };
    this.#byId.set(request.id, request);
    return request;
  }

  find(id: string): PersonRequest | undefined {
    this.#sweep();
    return this.#byId.get(id);
  }

  /** Records what the person decided. False when there is nothing to decide any more. */
  decide(id: string, state: "approved" | "rejected"): boolean {
    const request = this.find(id);
    if (request?.state !== "pending" || isRequestOver(request)) return false;
    this.#byId.set(id, { ...request, state });
    return true;
  }

  /** Forgets a request whose end was told. */
  close(id: string): void {
    this.#byId.delete(id);
    this.#polls.delete(id);
  }

  closeWhere(fits: (request: PersonRequest) => boolean): void {
    for (const request of [...this.#byId.values()]) if (fits(request)) this.close(request.id);
  }

  /** True when the caller polls faster than half the interval, and has done so as often as the kind puts up with. */
  pollsTooFast({ id, kind }: PersonRequest): boolean {
    const now = Date.now();
    const before = this.#polls.get(id);
    const isHasty = before !== undefined && now - before.lastMs < (intervalSeconds * 1000) / 2;
    const hasty = isHasty ? before.hasty + 1 : 0;
    this.#polls.set(id, { lastMs: now, hasty });
    return hasty >= hastyLimit[kind];
  }

  /** Those that wait for the person now, oldest first. */
  pending(kind?: RequestKind): readonly PersonRequest[] {
    return this.all().filter(
      (request) => request.state === "pending" && (kind === undefined || request.kind === kind),
    );
  }

  all(): readonly PersonRequest[] {
    this.#sweep();
    return [...this.#byId.values()];
  }

  #sweep(): void {
    const now = Date.now();
    this.closeWhere((request) => request.expiresAtMs + afterlifeMs <= now);
  }
}

/** Past its time. */
export const isRequestOver = (request: PersonRequest): boolean => request.expiresAtMs <= Date.now();

/** Whole seconds that are left, at least 1. */
export const secondsLeft = (request: PersonRequest): number =>
  Math.max(1, Math.ceil((request.expiresAtMs - Date.now()) / 1000));
