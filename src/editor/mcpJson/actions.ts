import * as vscode from "vscode";
import type { Status } from "../../core/connectors/board/status.ts";
import type { CommandId } from "../manifestNames.ts";

/** Something that a person can do for one connector. */
export interface StatusAction {
  /** A command of the manifest that takes a connector, or one of the editor's own. */
  readonly command: CommandId | "workbench.trust.manage";
  readonly title: string;
}

const t = vscode.l10n.t;

const signIn = (): StatusAction => ({ command: "lanyard.signIn", title: t("Sign In") });
const approve = (): StatusAction => ({ command: "lanyard.approve", title: t("Review…") });
const authorize = (): StatusAction => ({ command: "lanyard.authorize", title: t("Authorize") });
const stepUp = (): StatusAction => ({ command: "lanyard.stepUp", title: t("Step Up") });
const check = (): StatusAction => ({ command: "lanyard.check", title: t("Check Now") });
const test = (): StatusAction => ({ command: "lanyard.testConnector", title: t("Test") });
const trust = (): StatusAction => ({
  command: "workbench.trust.manage",
  title: t("Manage Workspace Trust"),
});

/** What fits a status, the most useful first. */
export const actionsFor = (status: Status): readonly StatusAction[] => {
  switch (status.kind) {
    case "untrusted":
      return [trust()];
    case "unapproved":
      return [approve()];
    case "unchecked":
    case "denied":
    case "misconfigured":
    case "unavailable":
      return [check()];
    case "checking":
      return [];
    case "granted":
      return [check(), test()];
    case "needsConnection":
      return [authorize(), check()];
    case "stepUp":
    case "pending":
      return [stepUp(), check()];
    case "signedOut":
      return [signIn()];
  }
};
