import { escape, form, liveSeconds, page, htmlTable } from "../http/page.ts";
import type { AuditEntry } from "../vault/audit.ts";
import { type ApprovalView, policyStates, type PolicyView, stepUpMethods, type UserView } from "./schema.ts";

export interface AdminView {
  readonly users: readonly UserView[];
  readonly policies: readonly PolicyView[];
  readonly approvals: readonly ApprovalView[];
  readonly audit: readonly AuditEntry[];
}

const auditRows = 50;

/** Everything an administrator sees, on one page. */
export const adminPage = (view: AdminView): string =>
  page({
    title: "Administration",
    wide: true,
    body: [
      `<p class="muted">The state as of now. <a href="/">Load it again</a> · <a href="/phone">The phone</a></p>`,
      usersTable(view.users),
      policiesTable(view.policies),
      approvalsTable(view.approvals),
      auditTable(view.audit),
    ].join("\n"),
  });

const usersTable = (users: readonly UserView[]): string =>
  htmlTable(
    "Users",
    ["User", "State", "Browser sessions", "Editors signed in", "Action"],
    users.map((user) => [
      `${escape(user.name)} <code>${escape(user.username)}</code>`,
      user.revoked ? "Revoked" : "Active",
      String(user.sessions),
      String(user.refreshTokens),
      user.revoked
        ? form({ action: `/users/${user.username}/restore`, button: `Restore ${user.username}`, quiet: true })
        : form({ action: `/users/${user.username}/revoke`, button: `Revoke ${user.username}` }),
    ]),
  );

const policiesTable = (policies: readonly PolicyView[]): string =>
  htmlTable(
    "Policies",
    ["Connector", "Policy", "Exempt", "Accounts connected"],
    policies.map((policy) => [
      `<code>${escape(policy.connector)}</code>`,
      policyForm(policy),
      escape((policy.exempt ?? []).join(", ")),
      escape(policy.connected.join(", ")),
    ]),
  );

const policyForm = (policy: PolicyView): string => {
  const { connector, state, method, reason } = policy;
  return `<form class="row" method="post" action="/policies/${escape(connector)}">
${select(`state-${connector}`, "state", "State", policyStates, state)}
${select(`method-${connector}`, "method", "Step-up by", stepUpMethods, method)}
<span class="pair"><label for="reason-${escape(connector)}">Reason</label>
<input id="reason-${escape(connector)}" name="reason" maxlength="2000" value="${escape(reason ?? "")}"></span>
<button type="submit" class="quiet">Save ${escape(connector)}</button>
</form>`;
};

const select = (
  id: string,
  name: string,
  label: string,
  values: readonly string[],
  chosen: string,
): string => {
  const options = values.map(
    (value) => `<option${value === chosen ? " selected" : ""}>${escape(value)}</option>`,
  );
  return `<span class="pair"><label for="${escape(id)}">${escape(label)}</label>
<select id="${escape(id)}" name="${name}">${options.join("")}</select></span>`;
};

const approvalsTable = (approvals: readonly ApprovalView[]): string =>
  htmlTable(
    "Approvals that wait",
    ["User", "Message", "Until"],
    approvals.map(({ user, bindingMessage, expiresAt }) => [
      escape(user),
      escape(bindingMessage),
      escape(expiresAt),
    ]),
  );

const auditTable = (audit: readonly AuditEntry[]): string =>
  htmlTable(
    `Audit, newest first${audit.length > auditRows ? `, the last ${auditRows} of ${audit.length}` : ""}`,
    ["When", "User", "Connector", "Policy", "Outcome", "Trace id", "Credential"],
    audit
      .slice(-auditRows)
      .reverse()
      .map((entry) => [
        escape(entry.at),
        escape(entry.user ?? "unknown"),
        escape(entry.connector ?? "unknown"),
        escape(entry.policy),
        escape(entry.outcome),
        `<code>${escape(entry.traceId ?? "none")}</code>`,
        `<code>${escape(entry.credentialId ?? "")}</code>`,
      ]),
  );

/** Stands in for everyone's phone: each push with its two buttons. Looks again by itself. */
export const phonePage = (approvals: readonly ApprovalView[]): string =>
  page({
    title: "Phone",
    live: true,
    body:
      approvals.length === 0
        ? `<p class="muted">Nothing to approve. This page looks again every ${liveSeconds} seconds.</p>`
        : approvals.map(pushCard).join("\n"),
  });

const pushCard = ({ id, user, bindingMessage }: ApprovalView): string => `<section class="card">
<p>For <strong>${escape(user)}</strong></p>
<p>${escape(bindingMessage)}</p>
<div class="row">
${form({ action: `/phone/${id}/approve`, button: "Approve" })}
${form({ action: `/phone/${id}/reject`, button: "Reject", quiet: true })}
</div>
</section>`;
