import type { IncomingHttpHeaders } from "node:http";
import { preferredWaitSeconds, prefersNoPush, traceIdOf } from "../http/request.ts";
import { type VaultAnswer, isOpen } from "./answer.ts";
import { ProofChecker } from "./dpop.ts";
import type { FindSubject, Subject } from "./subject.ts";
import type { Vault } from "./vault.ts";

/** The request behind a question, whatever its format. */
export interface VaultRequest {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  /** Without query. */
  readonly url: string;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** Where every wire format brings its question: checks the token, asks, and holds the line when asked to. */
export class VaultFrontend {
  readonly #vault: Vault;
  readonly #findSubject: FindSubject;
  readonly #proofs = new ProofChecker();

  constructor(vault: Vault, findSubject: FindSubject) {
    this.#vault = vault;
    this.#findSubject = findSubject;
  }

  /** Whom the token speaks for, or why it does not. A token bound to a key needs a proof of that key. */
  async identify(token: string, sender: VaultRequest): Promise<Subject | string> {
    const subject = await this.#findSubject(token);
    if (subject === undefined) return "The subject_token is unknown, expired or revoked.";
    if (subject.keyThumbprint === undefined) return subject;
    const proof = sender.headers["dpop"];
    const { method, url } = sender;
    const thumbprint = await this.#proofs.thumbprint({
      method,
      url,
      token,
      proof: typeof proof === "string" ? proof : undefined,
      namesToken: sender.headers.authorization !== undefined,
    });
    return thumbprint === subject.keyThumbprint
      ? subject
      : "The subject_token is bound to a key, and the request holds no proof of it.";
  }

  /** The answer for this connector. With `Prefer: wait=N` an open answer is held until it changes. */
  async answer(token: string, connector: string, sender: VaultRequest): Promise<VaultAnswer> {
    const traceId = traceIdOf(sender.headers["traceparent"]);
    const identified = await this.identify(token, sender);
    if (typeof identified === "string") {
      return this.#vault.refuse({ connector, traceId }, { kind: "dead-token", reason: identified });
    }
    const untilMs = Date.now() + preferredWaitSeconds(sender.headers["prefer"]) * 1000;
    const unasked = prefersNoPush(sender.headers["prefer"]);
    const ask = { subject: identified, connector, traceId, holds: untilMs > Date.now(), unasked };
    const hungUp = (): boolean => sender.signal.aborted;
    let answer = this.#vault.query(ask);
    while (isOpen(answer) && Date.now() < untilMs && !hungUp()) {
      await this.#vault.waitForChange(identified.user, connector, untilMs - Date.now(), sender.signal);
      if (hungUp() || Date.now() >= untilMs) break;
      if ((await this.#findSubject(token)) === undefined) {
        const reason = "The subject_token was revoked.";
        return this.#vault.refuse({ connector, traceId }, { kind: "dead-token", reason });
      }
      answer = this.#vault.query(ask);
    }
    return answer;
  }
}
