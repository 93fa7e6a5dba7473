import { connectors, findUser, users } from "../company.ts";
import { RequestError } from "../http/request.ts";
import type { Idp } from "../idp/idp.ts";
import type { Stats } from "../stats.ts";
import type { AuditEntry } from "../vault/audit.ts";
import { isRequestOver, type PersonRequest } from "../vault/requests.ts";
import type { Vault } from "../vault/vault.ts";
import type { ApprovalView, PolicyChange, PolicyView, UserView } from "./schema.ts";

/** What an administrator of Acme can see and do, whether by page or by JSON. */
export class AdminService {
  readonly stats: Stats;
  readonly #idp: Idp;
  readonly #vault: Vault;

  constructor(parts: { readonly idp: Idp; readonly vault: Vault; readonly stats: Stats }) {
    this.#idp = parts.idp;
    this.#vault = parts.vault;
    this.stats = parts.stats;
  }

  users(): readonly UserView[] {
    return users.map(({ username, name }) => ({
      username,
      name,
      revoked: this.#idp.isRevoked(username),
      ...this.#idp.presence(username),
    }));
  }

  /** Ends every session, token and credential of a person at once. Throws a RequestError (404) for a stranger. */
  revoke(username: string): UserView {
    const known = this.#known(username);
    this.#idp.revoke(known);
    this.#vault.revoke(known);
    return this.#user(known);
  }

  restore(username: string): UserView {
    const known = this.#known(username);
    this.#idp.restore(known);
    return this.#user(known);
  }

  policies(): readonly PolicyView[] {
    return connectors.map(({ name }) => this.policy(name));
  }

  policy(connector: string): PolicyView {
    const policy = this.#vault.policy(connector);
    if (policy === undefined) throw new RequestError(404, `There is no connector "${connector}".`);
    const connected = users.map(({ username }) => username);
    return {
      connector,
      ...policy,
      connected: connected.filter((username) => this.#vault.isConnected(username, connector)),
    };
  }

  /** Sets a policy; without a method it is the connector's usual one. */
  setPolicy(connector: string, { state, method, reason }: PolicyChange): PolicyView {
    this.policy(connector);
    const usual = connectors.find(({ name }) => name === connector)?.policy.method ?? "reauthenticate";
    this.#vault.setPolicy(connector, {
      state,
      method: method ?? usual,
      ...(reason === undefined ? {} : { reason }),
    });
    return this.policy(connector);
  }

  /** Pushes that wait on someone's phone, oldest first. */
  approvals(): readonly ApprovalView[] {
    const open = this.#vault.requests.pending("push").filter((request) => !isRequestOver(request));
    return open.map((request) => ({
      id: request.id,
      user: request.user,
      connector: request.connector,
      bindingMessage: request.bindingMessage,
      createdAt: new Date(request.createdAtMs).toISOString(),
      expiresAt: new Date(request.expiresAtMs).toISOString(),
    }));
  }

  /** Approves or rejects a push. Throws a RequestError (404) when it is unknown or over. */
  decide(id: string, state: "approved" | "rejected"): { readonly id: string; readonly state: typeof state } {
    const request: PersonRequest | undefined = this.#vault.requests.find(id);
    if (request?.kind !== "push" || !this.#vault.settle(id, state)) {
      throw new RequestError(404, "This approval is unknown, decided or expired.");
    }
    return { id, state };
  }

  audit(): readonly AuditEntry[] {
    return this.#vault.audit.entries();
  }

  #known(username: string): string {
    if (findUser(username) === undefined) throw new RequestError(404, `Nobody is called "${username}".`);
    return username;
  }

  #user(username: string): UserView {
    const user = this.users().find((one) => one.username === username);
    if (user === undefined) throw new RequestError(404, `Nobody is called "${username}".`);
    return user;
  }
}
