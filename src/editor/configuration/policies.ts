import * as vscode from "vscode";
import { readPolicy, requiredAcrOf, type Policy } from "../../core/connectors/permission/policy.ts";
import { requireAcr } from "../../core/identity/signIn/requiredAcr.ts";
import type { IdentityService } from "../../core/identity/session.ts";
import type { SettingKey } from "../manifestNames.ts";
import { settingHere } from "./settings.ts";

/** Scope "machine": the editor takes no value of a workspace for these. */
const machinePrefix = "lanyard.policy";
/** Scope "resource": what a person, a workspace or one of its folders forbids beyond that. */
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
  const noToken = settingHere("tokenCommand") === "never" ? [noProgram] : [];
  return [machine, ...restrictionsHere().map(narrowedBy), ...noToken];
};

/**
 * What each level says, once. A folder's own binds every connector of the window, as it does where the folder is
 * opened alone: the window's sign-ins, and the entries of the person, serve all of its folders.
 */
const restrictionsHere = (): readonly unknown[] => {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const [window, ...others] = [undefined, ...folders].map((folder) =>
    vscode.workspace.getConfiguration(undefined, folder).inspect<unknown>(restrictions),
  );
  const levels = [window?.globalValue, window?.workspaceValue];
  const ofFolders = others.map((each) => each?.workspaceFolderValue);
  const told = [...levels, ...ofFolders].filter((level) => level !== undefined);
  // Of a folder that is opened alone, the editor gives the same value as that of the workspace.
  return [...new Map(told.map((level) => [JSON.stringify(level), level])).values()];
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
