import type { Permission } from "./status.ts";
import { lastAnswer, type Evidence, type GrantState, type Status } from "./status.ts";

export type StatusEvent =
  | { readonly kind: "permission"; readonly permission: Permission }
  | { readonly kind: "check" }
  | { readonly kind: "answer"; readonly finding: GrantState; readonly evidence: Evidence }
  /** When the next try is due, for a connector that cannot be reached. */
  | { readonly kind: "retry"; readonly atMs: number };

/** The next status. Pure; returns the same object when nothing changes. */
export const transition = (status: Status, event: StatusEvent): Status => {
  switch (event.kind) {
    case "permission":
      return stand(status, event.permission);
    case "check":
      return check(status);
    case "answer":
      return answer(status, event.finding, event.evidence);
    case "retry":
      return retry(status, event.atMs);
  }
};

const retry = (status: Status, atMs: number): Status => {
  if (status.kind !== "unavailable" && status.kind !== "misconfigured") return status;
  return status.retryAtMs === undefined || status.retryAtMs === atMs
    ? status
    : { ...status, retryAtMs: atMs };
};

const stand = (status: Status, permission: Permission): Status => {
  switch (permission) {
    case "untrusted":
      return status.kind === "untrusted" ? status : { kind: "untrusted" };
    case "unapproved":
    case "changed": {
      const changed = permission === "changed";
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

const answer = (status: Status, finding: GrantState, evidence: Evidence): Status => {
  if (mayNotBeAsked(status)) return status;
  const lastKnown = finding.kind === "unavailable" ? lastAnswer(status) : undefined;
  return lastKnown === undefined ? { ...finding, evidence } : { ...finding, evidence, lastKnown };
};
