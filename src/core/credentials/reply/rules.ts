import type { Matcher, ReplyRule } from "../declaration.ts";
import { resolvePointer } from "../request/pointer.ts";
import type { VaultReply } from "./reply.ts";

/** The document that a rule's pointers address. */
export const documentOf = (rule: Pick<ReplyRule, "in">, reply: VaultReply): unknown =>
  rule.in === "challenge" ? reply.challenge : reply.body;

/** The first rule that matches. No rule is a rule of its own: what none knows is never granted. */
export const firstMatch = (rules: readonly ReplyRule[], reply: VaultReply): ReplyRule | undefined =>
  rules.find((rule) => matchesStatus(rule.when.status, reply.status) && matchesDocument(rule, reply));

const matchesStatus = (wanted: ReplyRule["when"]["status"], status: number): boolean => {
  if (wanted === undefined) return true;
  const some = Array.isArray(wanted) ? wanted : [wanted];
  return some.some((one) =>
    typeof one === "number" ? one === status : Number(one.charAt(0)) === Math.floor(status / 100),
  );
};

const matchesDocument = (rule: ReplyRule, reply: VaultReply): boolean => {
  const document = documentOf(rule, reply);
  if (rule.in === "challenge" && document === undefined) return false;
  return Object.entries(rule.when.match ?? {}).every(([pointer, matcher]) =>
    matchesValue(matcher, resolvePointer(document, pointer)),
  );
};

const matchesValue = (matcher: Matcher, value: unknown): boolean => {
  if (Array.isArray(matcher)) return matcher.some((one) => one === value);
  if (typeof matcher !== "object" || matcher === null) return matcher === value;
  if ("present" in matcher) return matcher.present === isPresent(value);
  return typeof value === "string" && value.toLowerCase().includes(matcher.contains.toLowerCase());
};

/** `null` and the empty string say the same as a member that is not there. */
const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== "";
