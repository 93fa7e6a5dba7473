import * as vscode from "vscode";
import { requireAcr } from "../core/identity/requiredAcr.ts";
import type { IdentityService } from "../core/identity/session.ts";
import { readPolicy, requiredAcrOf, type Policy } from "../core/connectors/policy.ts";

const section = "lanyard";

/** Scope "machine": the editor takes no value of a workspace for these. */
const machinePrefix = `${section}.policy`;
/** Scope "window": what a workspace or a person forbids beyond that. */
const restrictions = `${section}.restrictions`;

const value = (key: string): unknown => vscode.workspace.getConfiguration(section).get(key);

/**
 * The administrator's policy, and what the person's and the workspace's own settings narrow it by. Each level of the
 * latter is a policy of its own, so that none of them can take back what another forbids.
 */
export const policiesHere = (): readonly Policy[] => {
  const machine = readPolicy(
    "administrator",
    (rule) => value(`policy.${rule}`),
    (rule) => `${machinePrefix}.${rule}`,
  );
  const levels = vscode.workspace.getConfiguration().inspect<unknown>(restrictions);
  const narrowing = [levels?.globalValue, levels?.workspaceValue, levels?.workspaceFolderValue]
    .filter((level) => level !== undefined)
    .map(narrowedBy);
  return [machine, ...narrowing];
};

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

const shortestCheckSeconds = 2;
const longestCheckSeconds = 3600;
const defaultCheckSeconds = 30;

/** Time between two checks of one session, in milliseconds. */
export const sessionCheckMs = (): number => {
  const seconds = value("sessionCheckSeconds");
  const wanted = typeof seconds === "number" && Number.isFinite(seconds) ? seconds : defaultCheckSeconds;
  return Math.min(Math.max(wanted, shortestCheckSeconds), longestCheckSeconds) * 1000;
};

/** Whether a sign-in asks for tokens that are bound to a key (RFC 9449). */
export const senderConstrainedHere = (): boolean => value("senderConstrainedTokens") === true;

/** Identity as the policies here let it be used. */
export const guardedHere = (identity: IdentityService): IdentityService =>
  requireAcr(identity, () => requiredAcrOf(policiesHere()));

/** What is allowed has changed. */
export const onDidChangePolicies = (listener: () => void): vscode.Disposable =>
  vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(machinePrefix) || event.affectsConfiguration(restrictions)) listener();
  });

/** One of Lanyard's settings has changed. */
export const onDidChangeSettings = (listener: () => void): vscode.Disposable =>
  vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener();
  });
