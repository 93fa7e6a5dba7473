import { z } from "zod";

/** The JSON of the admin API: what goes in and what comes out, both checked. */

export const policyStates = ["allow", "needs-connection", "step-up", "deny", "down"] as const;
export const stepUpMethods = ["push", "reauthenticate", "url"] as const;

export const policyChange = z.strictObject({
  state: z.enum(policyStates),
  method: z.enum(stepUpMethods).optional(),
  reason: z.string().min(1).max(2000).optional(),
});
export type PolicyChange = z.infer<typeof policyChange>;

export const policyView = z.strictObject({
  connector: z.string(),
  state: z.enum(policyStates),
  method: z.enum(stepUpMethods),
  reason: z.string().optional(),
  /** Whom a denial does not concern. */
  exempt: z.array(z.string()).readonly().optional(),
  /** Who has connected an account of theirs. */
  connected: z.array(z.string()).readonly(),
});
export type PolicyView = z.infer<typeof policyView>;

export const userView = z.strictObject({
  username: z.string(),
  name: z.string(),
  revoked: z.boolean(),
  /** Browser sessions at the IdP. */
  sessions: z.int().nonnegative(),
  /** Editors that are signed in. */
  refreshTokens: z.int().nonnegative(),
});
export type UserView = z.infer<typeof userView>;

export const approvalView = z.strictObject({
  id: z.string(),
  user: z.string(),
  connector: z.string(),
  bindingMessage: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type ApprovalView = z.infer<typeof approvalView>;

export const decisionView = z.strictObject({ id: z.string(), state: z.enum(["approved", "rejected"]) });

export const auditView = z.strictObject({
  at: z.iso.datetime(),
  user: z.string().nullable(),
  connector: z.string().nullable(),
  policy: z.string(),
  outcome: z.string(),
  traceId: z.string().nullable(),
  credentialId: z.string().optional(),
});

export const statsView = z.strictObject({
  tokenRequests: z.record(z.string(), z.int().nonnegative()),
  refreshes: z.int().nonnegative(),
  refreshFailures: z.int().nonnegative(),
  exchanges: z.int().nonnegative(),
  lookups: z.int().nonnegative(),
  userinfo: z.int().nonnegative(),
  revocations: z.int().nonnegative(),
});
