import * as vscode from "vscode";
import { readPolicy, requiredAcrOf, type Policy } from "../../core/connectors/permission/policy.ts";
import { requireAcr } from "../../core/identity/signIn/requiredAcr.ts";
import type { IdentityService } from "../../core/identity/session.ts";
import type { SettingKey } from "../manifestNames.ts";
import { settingHere } from "./settings.ts";

/** Scope "machine": the editor takes no value of a workspace for these. */
const machinePrefix = "lanyard.policy";
/** Scope "window": what a workspace or a person forbids beyond that. */
const restrictions: `lanyard.${SettingKey}` = "lanyard.restrictions";

/**
 * The administrator's policy, and what the person's and the workspace's own settings narrow it by. Each level of the
 * latter is a policy of its own, so that none of them can take back what another forbids.
 */
export const policiesHere = (): readonly Policy[] => {
  const machine = readPolicy(
    "administrator",
    (rule) => settingHere(`policy.${rule}`),
    (rule) => `${machinePrefix}.${rule}`,
  );
  const levels = vscode.workspace.getConfiguration().inspect<unknown>(restrictions);
  const narrowing = [levels?.globalValue, levels?.workspaceValue]
    .filter((level) => level !== undefined)
    .map(narrowedBy);
  return [machine, ...narrowing, ...(settingHere("tokenCommand") === "never" ? [noProgram] : [])];
};

/** Who gives no program the token gives it to no script of a team either. */
const tokenCommand: `lanyard.${SettingKey}` = "lanyard.tokenCommand";
const noProgram = readPolicy(
  "workspace",
  (rule) => (rule === "teamScripts" ? false : undefined),
  () => tokenCommand,
);

/** What is no object forbids everything, like a rule that cannot be read. */
const narrowedBy = (level: unknown): Policy => {
  const rules = new Map<string, unknown>(
    typeof level === "object" && level !== null ? Object.entries(level) : [["allowedIssuers", level]],
  );
  return readPolicy(
    "workspace",
    (rule) => rules.get(rule),
    (rule) => `${restrictions}.${rule}`,
  );
};

/** Identity as the policies here let it be used. */
export const guardedHere = (identity: IdentityService): IdentityService =>
  requireAcr(identity, () => requiredAcrOf(policiesHere()));

/** What is allowed has changed. */
export const onDidChangePolicies = (listener: () => void): vscode.Disposable =>
  vscode.workspace.onDidChangeConfiguration((event) => {
    if (
      event.affectsConfiguration(machinePrefix) ||
      event.affectsConfiguration(restrictions) ||
      event.affectsConfiguration(tokenCommand)
    )
      listener();
  });
