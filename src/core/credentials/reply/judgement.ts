import { Secret } from "../../secret.ts";
import type { Declaration, ReplyRule } from "../declaration.ts";
import { type Refusal, misconfigured } from "../grant.ts";
import { redactor, said, type OutcomeContext } from "./outcome.ts";
import type { VaultReply } from "./reply.ts";
import { isBlockPage } from "./page.ts";
import { documentOf } from "./rules.ts";
import type { SourceQuery } from "../source.ts";
import type { Variables } from "../request/variables.ts";

/** A reply, and everything that it is judged with. */
export interface Judgement {
  readonly declaration: Declaration;
  readonly reply: VaultReply;
  readonly host: string;
  readonly variables: Variables;
  readonly query: SourceQuery;
  readonly nowMs: number;
}

export const contextOf = (
  judgement: Judgement,
  rule: Pick<ReplyRule, "in"> = { in: "body" },
): OutcomeContext => ({
  nowMs: judgement.nowMs,
  answeredBy: judgement.host,
  connector: judgement.query.connector,
  reply: judgement.reply,
  document: documentOf(rule, judgement.reply),
  says: judgement.declaration.says,
  redact: redactor(Object.values(judgement.variables).filter((value) => value instanceof Secret)),
});

/** What a reply that no rule knows means: never granted. */
export const unknownReply = (judgement: Judgement): Refusal => {
  const { query, host, reply } = judgement;
  const words = said(contextOf(judgement));
  return words === undefined
    ? misconfigured(query.connector, "{0} answered {1}, which the source does not know.", host, reply.status)
    : misconfigured(query.connector, '{0} answered {1}: "{2}".', host, reply.status, words);
};

const pageRetryMs = 2_000;

/**
 * A page in the place of the vault's word: where only the status would speak for it, nobody knows whose status that is. A
 * rule that was written for such a reply, and a challenge with an error, are the vault's.
 */
export const isPageOfOthers = ({ reply }: Judgement, rule: ReplyRule | undefined): boolean =>
  reply.page !== undefined &&
  isBlockPage(reply.status) &&
  reply.challenge?.["error"] === undefined &&
  (rule === undefined || (rule.then.grant === "denied" && rule.when.match === undefined));

/** May pass by itself: the network is changed, the VPN is on. */
export const pageOfOthers = ({ reply, host, nowMs }: Judgement): Refusal => {
  const server = reply.page?.server ?? "";
  const page = server === "" ? "a web page" : `a web page of "${server}"`;
  return {
    kind: "unavailable",
    reason: `In place of ${host}, ${page} answered (HTTP ${reply.status}). A firewall, a proxy or the network's own sign-in may stand before it.`,
    retryAtMs: nowMs + pageRetryMs,
  };
};
