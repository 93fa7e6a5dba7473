import { randomBytes } from "node:crypto";
import { setInterval } from "node:timers/promises";
import type { GrantingAgent } from "../agent.ts";
import type { ClientSide } from "../client.ts";
import type { ClientAsks } from "../modern/clientAsks.ts";
import type { Failure } from "./verdict.ts";
import { ownMessage, paramOf, type RpcMessage } from "../wire/message.ts";
import { isModern, metaOf } from "../modern/modern.ts";
import { askIn, type PageAnswer } from "../modern/modernAsk.ts";

export interface PersonParts {
  readonly server: string;
  readonly agent: Pick<GrantingAgent, "granted">;
  readonly client: Pick<ClientSide, "opensPagesFor">;
  readonly asks: ClientAsks;
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

/** The call may go on; or why not; or what the client is answered, so that it asks its person and calls again. */
export type Held = { readonly kind: "goOn" } | Failure | { readonly kind: "asked"; readonly answer: Buffer };

const goOn: Held = { kind: "goOn" };

/** Has a person do their part while a call is held: by the client's own dialog, or by what is under way elsewhere. */
export class HeldCalls {
  readonly #parts: PersonParts;
  readonly #limits: PersonLimits;

  constructor(parts: PersonParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
  }

  /** Waits, where that is of use. `before` is what the person has said to this very call already. */
  async hold(
    failure: Failure,
    message: RpcMessage,
    before: PageAnswer | undefined,
    signal: AbortSignal,
  ): Promise<Held> {
    const { isWaiting = false, isUnderWay = false, page } = failure.refusal ?? {};
    const shown = this.#parts.client.opensPagesFor(message) ? page : undefined;
    if (!isWaiting || before === "refused") return failure;
    if (shown !== undefined && isModern(message) && before === undefined)
      return { kind: "asked", answer: askIn(message, this.#words(failure), shown) };
    if (shown === undefined && !isUnderWay) return failure;
    return this.#wait(failure, metaOf(message), before === undefined ? shown : undefined, signal);
  }

  /** Until the vault says that the person has done their part; `page` is shown to them meanwhile. */
  async #wait(
    failure: Failure,
    { progressToken }: Readonly<Record<string, unknown>>,
    page: string | undefined,
    signal: AbortSignal,
  ): Promise<Held> {
    const { silentMs, withProgressMs } = this.#limits;
    const limitMs = progressToken === undefined ? silentMs : withProgressMs;
    const end = new AbortController();
    const until = AbortSignal.any([signal, end.signal, AbortSignal.timeout(limitMs)]);
    try {
      if (progressToken !== undefined) this.#tellProgress(progressToken, failure.message, until);
      const granted = this.#parts.agent.granted(until);
      if (page === undefined) return (await granted) ? goOn : failure;
      const id = randomBytes(9).toString("base64url");
      // Accepted is not done: the vault says when it is. Declined is the end.
      const refused = this.#isRefused(id, page, failure, until).then((is) => (is ? false : granted));
      const isGranted = await Promise.race([granted, refused]);
      if (isGranted) await this.#say("notifications/elicitation/complete", { elicitationId: id });
      return isGranted ? goOn : failure;
    } finally {
      end.abort();
    }
  }

  /** Shows the page in the client's own dialog. @returns whether the person does not want it. */
  async #isRefused(
    elicitationId: string,
    url: string,
    failure: Failure,
    signal: AbortSignal,
  ): Promise<boolean> {
    const params: UrlElicitation = { mode: "url", message: this.#words(failure), url, elicitationId };
    const answer = await this.#parts.asks.ask("elicitation/create", params, signal);
    return answer !== undefined && paramOf(answer, "action") !== "accept";
  }

  #words({ message }: Failure): string {
    return `${this.#parts.server}: ${message}`;
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
    return this.#parts.write(ownMessage({ method, params }).bytes);
  }
}
