import type { FacadeAnswer } from "./answer.ts";
import type { TargetPolicy } from "./config/policy.ts";
import { claimAt, type FacadePerson } from "./subject/person.ts";

/** What a policy asks beside a push; undefined where it is content. */
export const judge = (
  policy: TargetPolicy,
  person: FacadePerson,
  nowMs: number,
): FacadeAnswer | undefined => {
  const missing = policy.require.find(({ claim, anyOf }) => !holds(claimAt(person.claims, claim), anyOf));
  if (missing !== undefined) {
    return {
      ...{ kind: "denied", by: "policy" },
      reason: missing.reason ?? `You need ${missing.anyOf.join(" or ")} for this.`,
      ...(policy.helpUrl === undefined ? {} : { helpUrl: policy.helpUrl }),
    };
  }
  const { acr, auth_time: authTime } = person.claims;
  const isStrong = policy.acr.length === 0 || (typeof acr === "string" && policy.acr.includes(acr));
  const { maxAgeSeconds } = policy;
  const ageSeconds = typeof authTime === "number" ? nowMs / 1000 - authTime : Infinity;
  const isFresh = maxAgeSeconds === undefined || ageSeconds <= maxAgeSeconds + leewaySeconds;
  if (isStrong && isFresh) return undefined;
  return {
    kind: "stepUp",
    reason: isStrong ? "Sign in again: the last time is too long ago." : "Sign in with a stronger method.",
    ...(policy.acr.length === 0 ? {} : { acrValues: policy.acr.join(" ") }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  };
};

/** Between the clocks of the two, and for the way of the answer. */
const leewaySeconds = 5;

const holds = (value: unknown, anyOf: readonly string[]): boolean => {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.some((each) => typeof each === "string" && anyOf.includes(each));
};
