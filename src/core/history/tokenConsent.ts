import { orAfter } from "../abort.ts";
import type { Clock } from "../ports.ts";

/** What the machine setting `lanyard.tokenCommand` says of programs that ask for the person's own token. */
export type TokenCommandSetting = "ask" | "allow" | "never";

/** Whose token which program wants. */
export interface TokenQuestion {
  readonly issuer: string;
  /** Absent where the system does not tell. */
  readonly program?: string;
}

/** For how long a yes holds, in milliseconds; `0` for this once. */
export type TokenAnswer = { readonly kind: "yes"; readonly forMs: number } | { readonly kind: "no" };

export type TokenConsentResult =
  | "allowed"
  | "denied"
  /** Nobody has answered yet: the question stays, and its answer is remembered. */
  | "unanswered"
  /** The setting or a policy forbids it. */
  | "forbidden";

export interface TokenConsentParts {
  readonly clock: Clock;
  readonly setting: () => TokenCommandSetting;
  readonly ask: (question: TokenQuestion) => Promise<TokenAnswer>;
}

/** Somebody asks once and is refused: so long the same program is refused without a new question. */
const refusedForMs = 60_000;
/** A late yes to a question that nobody waits for any more is good for the next try. */
const lateYesMs = 60_000;

/** Whether a program may have the person's token: the setting, what was answered, else the person. */
export class TokenConsent {
  readonly #parts: TokenConsentParts;
  readonly #answers = new Map<string, { readonly allowed: boolean; readonly untilMs: number }>();
  readonly #open = new Map<string, Promise<TokenAnswer>>();

  constructor(parts: TokenConsentParts) {
    this.#parts = parts;
  }

  /** Beyond the most open questions nobody is asked: who starts programs by the dozen wears nobody out. */
  async decide(question: TokenQuestion, waitMs: number): Promise<TokenConsentResult> {
    const { clock, setting } = this.#parts;
    const rule = setting();
    if (rule !== "ask") return rule === "allow" ? "allowed" : "forbidden";
    const key = JSON.stringify([question.issuer, nameOf(question.program)]);
    const known = this.#answers.get(key);
    if (known !== undefined && clock.now() < known.untilMs) return known.allowed ? "allowed" : "denied";
    if (!this.#open.has(key) && this.#open.size >= mostOpen) return "unanswered";
    const late = (): "unanswered" => "unanswered";
    const answer = await orAfter<TokenAnswer | "unanswered">(this.#asked(key, question), clock, waitMs, late);
    if (answer === "unanswered") return answer;
    return answer.kind === "yes" ? "allowed" : "denied";
  }

  /** One question at a time about one program. */
  #asked(key: string, question: TokenQuestion): Promise<TokenAnswer> {
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    const startedMs = this.#parts.clock.now();
    const asking = this.#parts.ask(question).then((answer) => {
      this.#open.delete(key);
      const nowMs = this.#parts.clock.now();
      const isLate = nowMs - startedMs > patienceMs;
      const yesMs = answer.kind === "yes" ? Math.max(answer.forMs, isLate ? lateYesMs : 0) : 0;
      const forMs = answer.kind === "yes" ? yesMs : refusedForMs;
      for (const [old, { untilMs }] of this.#answers) if (untilMs <= nowMs) this.#answers.delete(old);
      if (forMs > 0) this.#answers.set(key, { allowed: answer.kind === "yes", untilMs: nowMs + forMs });
      return answer;
    });
    this.#open.set(key, asking);
    return asking;
  }
}

const patienceMs = 5_000;
/** A person with several agents is asked for each of them, and not for more at a time. */
const mostOpen = 3;

/** A program keeps its answer when it is started anew: without the process ids. */
const nameOf = (program = ""): string => program.replace(/ \(\d+\)/g, "");
