import { connectPage, forgetConnectPage } from "./connectPage.ts";
import type { Declaration } from "./declaration.ts";
import { keptDeferral, learnDeferral } from "./deferral.ts";
import type { Grant, Refusal, SourceResult } from "./grant.ts";
import { boundGrant, isBoundToKey } from "./reply/bound.ts";
import { grantedBy } from "./reply/granted.ts";
import { contextOf, isPageOfOthers, pageOfOthers, unknownReply, type Judgement } from "./reply/judgement.ts";
import { refusalOf, type OutcomeContext, type RefusalOutcome } from "./reply/outcome.ts";
import { firstMatch } from "./reply/rules.ts";
import { sendToVault } from "./request/send.ts";
import type { SourceQuery, SourcePorts } from "./source.ts";
import type { Variables } from "./request/variables.ts";

/** What a source with steps of its own has to do with each reply. */
export interface ReplyReading {
  /** Sees it as it came: for a next step that needs more of it than a grant holds. */
  readonly see?: (body: unknown) => void;
  /** Reads a body that is written neither as JSON nor as a form. */
  readonly read?: (text: string) => unknown;
}

/** Asks a declared source once. */
export const perform = async (
  declaration: Declaration,
  variables: Variables,
  query: SourceQuery,
  ports: SourcePorts,
  { see, read }: ReplyReading = {},
): Promise<SourceResult> => {
  const { deferred } = declaration;
  const kept = deferred === undefined ? undefined : keptDeferral(query, ports);
  const filled = kept === undefined ? variables : { ...variables, deferralCode: kept.value };
  const request = (kept === undefined ? undefined : deferred?.request) ?? declaration.request;
  const startedMs = ports.clock.now();
  const sent = await sendToVault(request, filled, query, ports, {
    ...{ replies: read ?? declaration.replies, nodes: declaration.nodes },
    mayWait: true,
  });
  if (sent.kind === "refused") return { grant: sent.grant, answeredBy: sent.host };
  const { reply, host } = sent;
  see?.(reply.body);
  const nowMs = ports.clock.now();
  const judged = await judge({ declaration, reply, host, variables: filled, query, nowMs }, ports);
  const grant = deferred === undefined ? judged : learnDeferral(judged, reply, deferred, kept, query, ports);
  if (grant.kind === "granted") forgetConnectPage(query, ports);
  return { grant: heldBack(grant, query, nowMs - startedMs), answeredBy: host };
};

/** The one way in which a reply becomes a grant: by the first rule that matches it. */
const judge = async (judgement: Judgement, ports: SourcePorts): Promise<Grant> => {
  const rule = firstMatch(judgement.declaration.rules, judgement.reply);
  if (isPageOfOthers(judgement, rule)) return pageOfOthers(judgement);
  if (rule === undefined) return unknownReply(judgement);
  if (rule.then.grant !== "granted") {
    return refuse(rule.then, contextOf(judgement, rule), judgement, ports);
  }
  const grant = grantedBy(judgement);
  if (grant !== "expired") {
    const isBound = grant.kind === "granted" && isBoundToKey(judgement.reply);
    return isBound ? boundGrant(grant, judgement, ports) : grant;
  }
  const outcome = judgement.declaration.expired ?? expiredByItself;
  // What the reply says is the credential's, not a reason.
  const context = { ...contextOf(judgement), says: [] };
  return outcome.grant === "granted" ? unknownReply(judgement) : refuse(outcome, context, judgement, ports);
};

const expiredByItself: RefusalOutcome = {
  grant: "misconfigured",
  problem: "{0} sent a credential that has already expired. It was not used.",
};

const refuse = async (
  outcome: RefusalOutcome,
  context: OutcomeContext,
  judgement: Judgement,
  ports: SourcePorts,
): Promise<Refusal> => {
  if (outcome.grant !== "needsConnection" || outcome.url !== undefined) return refusalOf(outcome, context);
  const page = await connectPage(judgement, ports);
  return typeof page === "string" ? refusalOf(outcome, context, page) : page;
};

const shortestUnheldMs = 1_000;

/** A vault that says `interval: 0` and does not hold the poll would be asked without end. */
const heldBack = (grant: Grant, query: SourceQuery, tookMs: number): Grant => {
  if (query.waitSeconds === undefined || tookMs >= shortestUnheldMs) return grant;
  const slower = <T extends { readonly intervalMs: number }>(poll: T): T => ({
    ...poll,
    intervalMs: Math.max(poll.intervalMs, shortestUnheldMs),
  });
  if (grant.kind === "needsConnection" || grant.kind === "pending") return slower(grant);
  if (grant.kind === "stepUp" && grant.how.kind !== "reauthenticate") {
    return { ...grant, how: slower(grant.how) };
  }
  return grant;
};
