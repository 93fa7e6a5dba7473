import type { Translate } from "../text.ts";
import type { FailedSignIn } from "./failures.ts";
import type { FailurePoint, SignInFailure, SignInStep } from "./session.ts";

/** Ends that have no place at the identity provider. */
const ours: ReadonlySet<SignInFailure> = new Set([
  "cancelled",
  "mixUp",
  "notPossibleHere",
  "redirectTaken",
  "storageFailed",
]);

/** What happened and what to do, what the identity provider said, where it was, and by which trace it is found there. */
export const failureSentence = (outcome: FailedSignIn, t: Translate): string => {
  const { template, args, note, detail, point, failure, traceId } = outcome;
  return [
    t(template, ...args),
    note,
    detail === undefined ? undefined : t("The identity provider says: {0}", detail),
    point === undefined || ours.has(failure) ? undefined : pointText(point, t),
    traceId === undefined ? undefined : t("Trace ID: {0}", traceId),
  ]
    .filter((part) => part !== undefined)
    .join(" ");
};

const pointText = ({ step, host, status, code }: FailurePoint, t: Translate): string =>
  t(
    "Where: {0}.",
    [
      stepName(step, t),
      ...(status === undefined ? [] : [`HTTP ${status}`]),
      ...(code === undefined ? [] : [code]),
      host,
    ].join(", "),
  );

const stepName = (step: SignInStep, t: Translate): string => {
  switch (step) {
    case "discovery":
      return t("discovery of its metadata");
    case "par":
      return t("pushed authorization request (PAR)");
    case "device":
      return t("request for a code");
    case "browser":
      return t("browser");
    case "token":
      return t("token endpoint");
    case "idToken":
      return t("ID token");
    case "userinfo":
      return t("userinfo");
  }
};
