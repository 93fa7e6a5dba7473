import type { ConnectorPolicy } from "./vault/policy.ts";

/** Someone who works at Acme. The secrets are demo values, printed for whoever tries the demo. */
export interface User {
  /** Also the subject (`sub`) in every token. */
  readonly username: string;
  readonly password: string;
  /** The one-time code; fixed, so that the demo needs no authenticator. */
  readonly otp: string;
  readonly name: string;
  readonly email: string;
}

export const users: readonly User[] = [
  {
    username: "alice",
    password: "alice-demo-password",
    otp: "424242",
    name: "Alice Adams",
    email: "alice@acme.example",
  },
  {
    username: "bob",
    password: "bob-demo-password",
    otp: "171717",
    name: "Bob Brown",
    email: "bob@acme.example",
  },
];

export const findUser = (username: string): User | undefined =>
  users.find((user) => user.username === username);

/** A connector as the vault knows it. */
export interface ConnectorEntry {
  readonly name: string;
  readonly title: string;
  readonly policy: ConnectorPolicy;
  /** It takes no header of its own, but requests that are signed (SigV4). */
  readonly isSigned?: true;
  /** It speaks MCP 2026-07-28 as well as what came before. */
  readonly isModern?: true;
}

const allow: ConnectorPolicy = { state: "allow", method: "reauthenticate" };

/** Out of the box a signed-in person sees every kind of status. */
export const connectors: readonly ConnectorEntry[] = [
  { name: "salesforce", title: "Salesforce", policy: { state: "allow", method: "push" } },
  { name: "github", title: "GitHub", policy: allow, isModern: true },
  { name: "linear", title: "Linear", policy: allow },
  { name: "notion", title: "Notion", policy: { state: "needs-connection", method: "reauthenticate" } },
  {
    name: "slack",
    title: "Slack",
    policy: {
      state: "deny",
      method: "reauthenticate",
      reason: "Slack is open to the support team only. Ask the Acme IT desk to add you.",
      exempt: ["bob"],
    },
  },
  { name: "sentry", title: "Sentry", policy: allow },
  { name: "pagerduty", title: "PagerDuty", policy: { state: "step-up", method: "reauthenticate" } },
  { name: "platform", title: "Platform", policy: allow, isSigned: true },
];
