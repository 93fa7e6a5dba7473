import { Secret } from "../secret.ts";
import type { Declaration, Rule } from "./declaration.ts";
import type { Refusal } from "./grant.ts";
import { redactor, said, type OutcomeContext } from "./outcome.ts";
import { misconfigured } from "./problem.ts";
import type { Reply } from "./reply.ts";
import { documentOf } from "./rules.ts";
import type { Ask } from "./source.ts";
import type { Variables } from "./variables.ts";

/** A reply, and everything that it is judged with. */
export interface Judgement {
  readonly declaration: Declaration;
  readonly reply: Reply;
  readonly host: string;
  readonly variables: Variables;
  readonly ask: Ask;
  readonly nowMs: number;
}

export const contextOf = (judgement: Judgement, rule: Pick<Rule, "in"> = { in: "body" }): OutcomeContext => ({
  nowMs: judgement.nowMs,
  answeredBy: judgement.host,
  connector: judgement.ask.connector,
  reply: judgement.reply,
  document: documentOf(rule, judgement.reply),
  says: judgement.declaration.says,
  redact: redactor(Object.values(judgement.variables).filter((value) => value instanceof Secret)),
});

/** What a reply that no rule knows means: never granted. */
export const unknownReply = (judgement: Judgement): Refusal => {
  const { ask, host, reply } = judgement;
  const words = said(contextOf(judgement));
  return words === undefined
    ? misconfigured(ask.connector, "{0} answered {1}, which the source does not know.", host, reply.status)
    : misconfigured(ask.connector, '{0} answered {1}: "{2}".', host, reply.status, words);
};
