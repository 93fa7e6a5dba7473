import { randomBytes } from "node:crypto";
import { setInterval } from "node:timers/promises";
import type { GrantingAgent } from "./agent.ts";
import type { Failure } from "./exchange.ts";
import { valueIn, membersOf } from "./json.ts";
import type { RpcMessage } from "./message.ts";

export interface PersonParts {
  readonly server: string;
  readonly agent: Pick<GrantingAgent, "granted">;
  /** Writes one line to the client. */
  readonly write: (line: Buffer) => Promise<void>;
  readonly limits?: Partial<PersonLimits>;
}

export interface PersonLimits {
  /** Clients that were given no progress end a call after 60 s. */
  readonly silentMs: number;
  readonly withProgressMs: number;
  readonly progressMs: number;
}

const defaultLimits: PersonLimits = { silentMs: 45_000, withProgressMs: 280_000, progressMs: 5_000 };

/** What there is to reach the person by, in one call. */
export interface CallMeans {
  /** The client opens pages for its person, and said so. */
  readonly opensPages: boolean;
  /** What the call's progress is told by; `undefined` where the client wants to hear of none. */
  readonly progressToken: unknown;
}

/** MCP 2025-11-25, "Elicitation", "URL Mode". */
interface UrlElicitation {
  readonly mode: "url";
  readonly message: string;
  readonly url: string;
  readonly elicitationId: string;
}

/** MCP, "Progress". */
interface Progress {
  readonly progressToken: unknown;
  readonly progress: number;
  readonly message: string;
}

/** Has a person do their part while a call is held: by the client's own dialog, or by what is under way elsewhere. */
export class HeldCalls {
  readonly #parts: PersonParts;
  readonly #limits: PersonLimits;
  /** What was asked of the client here, by id. */
  readonly #asked = new Map<string, (answer: RpcMessage) => void>();

  constructor(parts: PersonParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
  }

  /** @returns whether an answer of the client's was to a question from here. */
  take(answer: RpcMessage): boolean {
    const take = answer.id === undefined ? undefined : this.#asked.get(answer.id);
    take?.(answer);
    return take !== undefined;
  }

  /** Waits, where that is of use. @returns why not, or undefined once the call may be sent again. */
  async hold(failure: Failure, means: CallMeans, signal: AbortSignal): Promise<Failure | undefined> {
    const { isWaiting = false, isUnderWay = false, page } = failure.refusal ?? {};
    const shown = means.opensPages ? page : undefined;
    if (!isWaiting || (shown === undefined && !isUnderWay)) return failure;
    const { silentMs, withProgressMs } = this.#limits;
    const limitMs = means.progressToken === undefined ? silentMs : withProgressMs;
    const end = new AbortController();
    const until = AbortSignal.any([signal, end.signal, AbortSignal.timeout(limitMs)]);
    try {
      if (means.progressToken !== undefined) this.#tellProgress(means.progressToken, failure.message, until);
      const granted = this.#parts.agent.granted(until);
      if (shown === undefined) return (await granted) ? undefined : failure;
      const id = randomBytes(9).toString("base64url");
      const refused = this.#show(id, shown, failure.message, until);
      // Accepted is not done: the vault says when it is. Declined is the end.
      const isGranted = await Promise.race([granted, refused.then(() => false)]);
      if (isGranted) await this.#say("notifications/elicitation/complete", { elicitationId: id });
      return isGranted ? undefined : failure;
    } finally {
      end.abort();
    }
  }

  /** Shows the page in the client's own dialog. Resolves when the person does not want it, and else never. */
  #show(elicitationId: string, url: string, why: string, signal: AbortSignal): Promise<void> {
    const id = `lanyard-${elicitationId}`;
    const message = `${this.#parts.server}: ${why}`;
    const params: UrlElicitation = { mode: "url", message, url, elicitationId };
    return new Promise((resolve, reject) => {
      const key = JSON.stringify(id);
      this.#asked.set(key, (answer) => {
        this.#asked.delete(key);
        if (actionOf(answer) !== "accept") resolve();
      });
      signal.addEventListener("abort", () => this.#asked.delete(key), { once: true });
      const request = { jsonrpc: "2.0", id, method: "elicitation/create", params };
      this.#parts.write(Buffer.from(JSON.stringify(request))).catch(reject);
    });
  }

  #tellProgress(progressToken: unknown, message: string, signal: AbortSignal): void {
    const tell = async (): Promise<void> => {
      let progress = 0;
      const params = (): Progress => ({ progressToken, progress: (progress += 1), message });
      await this.#say("notifications/progress", params());
      for await (const _tick of setInterval(this.#limits.progressMs, undefined, { signal }))
        await this.#say("notifications/progress", params());
    };
    // It ends by its signal, which is no failure of the call.
    tell().catch(() => undefined);
  }

  #say(method: string, params: object): Promise<void> {
    return this.#parts.write(Buffer.from(JSON.stringify({ jsonrpc: "2.0", method, params })));
  }
}

/** `accept`, `decline` or `cancel`; undefined where the client answered with an error. */
const actionOf = ({ bytes, members }: RpcMessage): unknown => {
  const result = members.get("result");
  return result === undefined ? undefined : valueIn(bytes, membersOf(bytes, result)?.get("action"));
};
