import type { ConnectorEntry } from "../company.ts";
import { acrMfa } from "../acr.ts";
import type { VaultAnswer } from "./answer.ts";
import { Audit } from "./audit.ts";
import { Changes } from "./changes.ts";
import { Credentials } from "./credentials.ts";
import { Events } from "./events.ts";
import { decide, type Decision, freshSeconds, type ConnectorPolicy, type PolicyStepUp } from "./policy.ts";
import {
  intervalSeconds,
  isRequestOver,
  type PersonRequest,
  PersonRequests,
  secondsLeft,
} from "./requests.ts";
import type { Subject } from "./subject.ts";

export interface VaultOptions {
  /** Where the vault's own pages are. */
  readonly url: string;
  readonly connectors: readonly ConnectorEntry[];
  /** Everyone, so that a change of policy reaches each of them. */
  readonly users: readonly string[];
  readonly credentialSeconds: number;
  /** How long a push waits on the phone, 120 when left out. */
  readonly pushSeconds?: number;
}

/** Someone asks for the credential of one connector. */
export interface VaultQuery {
  readonly subject: Subject;
  readonly connector: string;
  readonly traceId: string | null;
  /** The caller holds the line instead of polling, so asking soon again is no overload. */
  readonly holds: boolean;
  /** Nobody wants the credential: no push is sent for it. */
  readonly unasked?: boolean;
}

const placeOf = (user: string, connector: string): string => `${user} ${connector}`;

/** Holds the policies and what people did, and decides by them. Knows no wire format. */
export class Vault {
  readonly audit = new Audit();
  readonly events = new Events();
  readonly changes = new Changes();
  readonly requests: PersonRequests;
  readonly credentials: Credentials;
  readonly #options: VaultOptions;
  readonly #policies: Map<string, ConnectorPolicy>;
  readonly #connected = new Set<string>();
  readonly #demanded = new Set<string>();
  readonly #approvedAtSeconds = new Map<string, number>();

  constructor(options: VaultOptions) {
    this.#options = options;
    this.credentials = new Credentials(options.credentialSeconds);
    this.requests = new PersonRequests({ push: options.pushSeconds ?? 120 });
    this.#policies = new Map(options.connectors.map(({ name, policy }) => [name, policy]));
  }

  get connectors(): readonly ConnectorEntry[] {
    return this.#options.connectors;
  }

  policy(connector: string): ConnectorPolicy | undefined {
    return this.#policies.get(connector);
  }

  /** Sets a policy. What was issued, connected or approved under the last one ends with it. */
  setPolicy(connector: string, policy: ConnectorPolicy): void {
    this.#policies.set(connector, policy);
    this.credentials.killConnector(connector);
    this.requests.closeWhere((request) => request.connector === connector);
    for (const user of this.#options.users) {
      this.#forget(placeOf(user, connector));
      this.#announce(user, connector);
    }
  }

  /** Ends everything of this person here, and tells their editors. */
  revoke(user: string): void {
    this.credentials.killUser(user);
    this.requests.closeWhere((request) => request.user === user);
    for (const { name } of this.connectors) {
      this.#demanded.delete(placeOf(user, name));
      this.#approvedAtSeconds.delete(placeOf(user, name));
      this.changes.notify(placeOf(user, name));
    }
    this.events.emit(user, { type: "session-revoked" });
  }

  /** A connector has refused a call because no step-up was fresh: the next question demands one. */
  demandStepUp(user: string, connector: string): void {
    this.#demanded.add(placeOf(user, connector));
  }

  /** Decides, remembers, and writes the audit log. */
  query(ask: VaultQuery): VaultAnswer {
    const policy = this.#policies.get(ask.connector);
    if (policy === undefined) return this.refuse(ask, { kind: "unknown-connector", asked: ask.connector });
    const { user, acr, authTimeSeconds } = ask.subject;
    const place = placeOf(user, ask.connector);
    const decision = decide(policy, {
      user,
      nowSeconds: Math.floor(Date.now() / 1000),
      acr,
      authTimeSeconds,
      approvedAtSeconds: this.#approvedAtSeconds.get(place),
      connected: this.#connected.has(place),
      stepUpDemanded: this.#demanded.has(place),
    });
    return this.#record(ask, decision.rule, this.#carryOut(ask, decision));
  }

  /** Records an answer that needed no decision. */
  refuse(
    ask: { readonly connector: string | null; readonly traceId: string | null },
    answer: VaultAnswer,
  ): VaultAnswer {
    const { connector, traceId } = ask;
    this.audit.add({ user: null, connector, policy: "request-check", outcome: answer.kind, traceId });
    return answer;
  }

  /** Holds until something about this user and connector changes. */
  waitForChange(user: string, connector: string, waitMs: number, signal: AbortSignal): Promise<void> {
    return this.changes.wait(placeOf(user, connector), waitMs, signal);
  }

  /** The person has decided. False when there is nothing to decide any more. */
  settle(id: string, state: "approved" | "rejected"): boolean {
    const request = this.requests.find(id);
    if (request === undefined || !this.requests.decide(id, state)) return false;
    const place = placeOf(request.user, request.connector);
    if (state === "approved") {
      if (request.kind === "connection") this.#connected.add(place);
      else this.#approvedAtSeconds.set(place, Math.floor(Date.now() / 1000));
    }
    this.#announce(request.user, request.connector);
    return true;
  }

  isConnected(user: string, connector: string): boolean {
    return this.#connected.has(placeOf(user, connector));
  }

  #carryOut(ask: VaultQuery, decision: Decision): VaultAnswer {
    const { user } = ask.subject;
    switch (decision.kind) {
      case "issue":
        return this.#issue(ask, decision.freshUntilSeconds);
      case "connect":
        return this.#awaitPerson(ask, "connection");
      case "step-up":
        return this.#stepUp(ask, decision.method);
      case "deny":
        return {
          kind: "denied",
          by: "policy",
          reason: decision.reason,
          helpUrl: this.#helpUrl(ask.connector),
        };
      case "down":
        this.requests.closeWhere((request) => request.user === user && request.connector === ask.connector);
        return { kind: "down", reason: decision.reason, retryAfterSeconds: 5 };
    }
  }

  #issue(ask: VaultQuery, freshUntilSeconds: number): VaultAnswer {
    const { connector, traceId } = ask;
    const { user } = ask.subject;
    this.requests.closeWhere((request) => request.user === user && request.connector === connector);
    this.#demanded.delete(placeOf(user, connector));
    const credential = this.credentials.issue({ user, connector, freshUntilSeconds, traceId });
    return { kind: "granted", credential, expiresInSeconds: this.credentials.lifetimeSeconds };
  }

  #stepUp(ask: VaultQuery, method: PolicyStepUp): VaultAnswer {
    if (method !== "reauthenticate") return this.#awaitPerson(ask, method);
    return { kind: "step-up", acrValues: acrMfa, maxAgeSeconds: freshSeconds };
  }

  /** The request to the person: opened, still open, or over. An end is told once. */
  #awaitPerson(ask: VaultQuery, kind: PersonRequest["kind"]): VaultAnswer {
    const { user } = ask.subject;
    const { connector } = ask;
    const known = this.requests.current(user, connector, kind);
    if (known === undefined && kind === "push" && ask.unasked === true) return { kind: "push-unsent" };
    const request = known ?? this.requests.open(user, connector, this.#title(connector), kind);
    if (request.state === "rejected" || (kind === "push" && isRequestOver(request))) {
      this.requests.close(request.id);
      this.#demanded.delete(placeOf(user, connector));
      if (request.state !== "rejected") return { kind: "expired" };
      const reason = `${user} rejected the request.`;
      return { kind: "denied", by: "user", reason, helpUrl: this.#helpUrl(connector) };
    }
    if (isRequestOver(request) || request.state === "approved") {
      this.requests.close(request.id);
      return this.#awaitPerson(ask, kind);
    }
    const tooFast = this.requests.pollsTooFast(request) && !ask.holds;
    return this.#open(request, tooFast);
  }

  #open(request: PersonRequest, tooFast: boolean): VaultAnswer {
    const common = { intervalSeconds, expiresInSeconds: secondsLeft(request), tooFast };
    const url = `${this.#options.url}/requests/${request.id}`;
    switch (request.kind) {
      case "connection":
        return { kind: "needs-connection", url, ...common };
      case "url":
        return { kind: "step-up-url", url, ...common };
      case "push":
        return { kind: "push", bindingMessage: request.bindingMessage, ...common };
    }
  }

  #record(ask: VaultQuery, policy: string, answer: VaultAnswer): VaultAnswer {
    const { connector, traceId } = ask;
    const credentialId = answer.kind === "granted" ? { credentialId: answer.credential.id } : {};
    const outcome = answer.kind === "denied" ? `denied by ${answer.by}` : answer.kind;
    this.audit.add({ user: ask.subject.user, connector, policy, outcome, traceId, ...credentialId });
    return answer;
  }

  #title(connector: string): string {
    return this.connectors.find(({ name }) => name === connector)?.title ?? connector;
  }

  #helpUrl(connector: string): string {
    return `${this.#options.url}/help/${connector}`;
  }

  #forget(place: string): void {
    this.#connected.delete(place);
    this.#demanded.delete(place);
    this.#approvedAtSeconds.delete(place);
  }

  #announce(user: string, connector: string): void {
    this.changes.notify(placeOf(user, connector));
    this.events.emit(user, { type: "connector-changed", connector });
  }
}
