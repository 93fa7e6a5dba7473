import type { Connector } from "../config/connector.ts";
import type { Issue } from "../config/issue.ts";
import type { Refusal } from "./grant.ts";

export type Misconfigured = Extract<Refusal, { kind: "misconfigured" }>;

/** A grant that says what somebody has to mend. With a connector, it points at its entry. */
export const misconfigured = (
  connector: Connector | undefined,
  template: string,
  ...args: (string | number)[]
): Misconfigured => {
  const issue: Issue = { code: "sourceRefused", severity: "error", template, args };
  if (connector === undefined) return { kind: "misconfigured", issues: [issue] };
  return { kind: "misconfigured", issues: [{ ...issue, place: connector.place, connector: connector.name }] };
};
