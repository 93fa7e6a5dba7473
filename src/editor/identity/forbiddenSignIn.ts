import type { Connector } from "../../core/config/connector.ts";
import { forbiddenBy } from "../../core/connectors/permission/policy.ts";
import type { Disposable } from "../../core/disposable.ts";
import { onDidChangePolicies, policiesHere } from "../configuration/policies.ts";
import { issueText } from "../status/statusLook.ts";

/** Ends a sign-in once the policies forbid every connector that it is for; until it is disposed of. */
export class ForbiddenSignIn implements Disposable {
  readonly #connectors: readonly Connector[];
  readonly #end = new AbortController();
  readonly #listening: Disposable;
  #why: string | undefined;

  /** @param connectors as they were when it began: what is forbidden is among them no longer. */
  constructor(connectors: readonly Connector[]) {
    this.#connectors = connectors;
    this.#listening = onDidChangePolicies(() => this.#look());
  }

  /** Fires when it is forbidden. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Who forbids it, by which setting, in a sentence; `undefined` while it is allowed. */
  get why(): string | undefined {
    return this.#why;
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #look(): void {
    const policies = policiesHere();
    const reasons = this.#connectors.map((connector) => forbiddenBy(connector, policies)[0]);
    const [first] = reasons;
    if (first === undefined || reasons.includes(undefined)) return;
    this.#why = issueText(first);
    this.#end.abort();
  }
}
