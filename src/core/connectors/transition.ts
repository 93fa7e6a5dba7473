import type { Standing } from "./board.ts";
import type { Evidence, Finding, Observed, Status } from "./status.ts";

export type StatusEvent =
  | { readonly kind: "standing"; readonly standing: Standing }
  | { readonly kind: "check" }
  | { readonly kind: "answer"; readonly finding: Finding; readonly evidence: Evidence };

/** The next status. Pure; returns the same object when nothing changes. */
export const transition = (status: Status, event: StatusEvent): Status => {
  switch (event.kind) {
    case "standing":
      return stand(status, event.standing);
    case "check":
      return check(status);
    case "answer":
      return answer(status, event.finding, event.evidence);
  }
};

const stand = (status: Status, standing: Standing): Status => {
  switch (standing) {
    case "untrusted":
      return status.kind === "untrusted" ? status : { kind: "untrusted" };
    case "unapproved":
    case "changed": {
      const changed = standing === "changed";
      return status.kind === "unapproved" && status.changed === changed
        ? status
        : { kind: "unapproved", changed };
    }
    case "approved":
      return status.kind === "untrusted" || status.kind === "unapproved" ? { kind: "unchecked" } : status;
  }
};

/** An answer that arrives after trust or approval went is not shown: the connector is not ours to speak of. */
const mayNotBeAsked = (
  status: Status,
): status is Extract<Status, { readonly kind: "untrusted" | "unapproved" }> =>
  status.kind === "untrusted" || status.kind === "unapproved";

const check = (status: Status): Status => {
  if (mayNotBeAsked(status) || status.kind === "checking") return status;
  return status.kind === "unchecked" ? { kind: "checking" } : { kind: "checking", last: status };
};

const answer = (status: Status, finding: Finding, evidence: Evidence): Status => {
  if (mayNotBeAsked(status)) return status;
  const lastKnown = finding.kind === "unavailable" ? lastAnswerThatCame(status) : undefined;
  return lastKnown === undefined ? { ...finding, evidence } : { ...finding, evidence, lastKnown };
};

const lastAnswerThatCame = (status: Status): Observed | undefined => {
  switch (status.kind) {
    case "untrusted":
    case "unapproved":
    case "unchecked":
      return undefined;
    case "checking":
      return status.last === undefined ? undefined : lastAnswerThatCame(status.last);
    case "unavailable":
      return status.lastKnown;
    case "granted":
    case "needsConnection":
    case "stepUp":
    case "pending":
    case "denied":
    case "signedOut":
    case "misconfigured":
      return status;
  }
};
