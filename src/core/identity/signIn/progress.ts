import type { Fetch } from "../../ports.ts";
import { hostOf } from "../../urls.ts";
import { codeOf, statusOf } from "../errorsSeen.ts";
import type { FailurePoint, SignInStep } from "../session.ts";

/** How far a sign-in has come, and who was asked last: there it failed, if it fails. */
export class SignInProgress {
  #step: SignInStep = "discovery";
  #host: string;
  #status: number | undefined;

  constructor(issuer: string) {
    this.#host = hostOf(issuer);
  }

  get step(): SignInStep {
    return this.#step;
  }

  /** @param host of a page that a browser shows; requests of ours tell theirs by themselves. */
  reach(step: SignInStep, host?: string): void {
    this.#step = step;
    if (host === undefined) return;
    this.#host = host;
    this.#status = undefined;
  }

  through(fetch: Fetch): Fetch {
    return async (url, init) => {
      this.#host = new URL(url).host;
      this.#status = undefined;
      const response = await fetch(url, init);
      this.#status = response.status;
      return response;
    };
  }

  /** @param error what ended it, where that was not a judgement of ours. */
  pointOf(error?: unknown): FailurePoint {
    const status = this.#status ?? statusOf(error);
    const code = codeOf(error);
    return {
      ...{ step: this.#step, host: this.#host },
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { code }),
    };
  }
}
