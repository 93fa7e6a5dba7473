/** The names that the code shares with the manifest (package.json); a test holds the two together. Without the editor's API. */

/** Commands that need this window's connectors. */
export const commandIds = [
  "lanyard.signIn",
  "lanyard.signOut",
  "lanyard.switchAccount",
  "lanyard.checkAll",
  "lanyard.approve",
  "lanyard.check",
  "lanyard.authorize",
  "lanyard.stepUp",
  "lanyard.testConnector",
  "lanyard.addConnector",
  "lanyard.cancelWaiting",
  "lanyard.copyTraceId",
  "lanyard.openEntry",
  "lanyard.groupBy",
  "lanyard.filter",
  "lanyard.clearFilter",
  "lanyard.chooseForChat",
  "lanyard.hideChatNotice",
  "lanyard.runDoctor",
  "lanyard.copyDoctorReport",
  "lanyard.showHistory",
  "lanyard.showLog",
] as const;

export type CommandId = (typeof commandIds)[number];

/** Commands that load nothing of this window's connectors. */
export const shellCommandIds = [
  "lanyard.getStarted",
  "lanyard.removeEverything",
  "lanyard.setUpClients",
  "lanyard.goOnSigningIn",
  "lanyard.openSignInPage",
  "lanyard.copySignInLink",
  "lanyard.signInByCode",
  "lanyard.pasteSignInAddress",
  "lanyard.cancelSignIn",
] as const;

export type ShellCommandId = (typeof shellCommandIds)[number];

/** What `when` and `enablement` clauses look at beside the editor's own keys. */
export const contextKeys = [
  "lanyard.hasConnectors",
  "lanyard.hasApproved",
  "lanyard.needsApproval",
  "lanyard.needsConnection",
  "lanyard.needsStepUp",
  "lanyard.needsNothing",
  "lanyard.isUsed",
  "lanyard.isWaiting",
  "lanyard.isFiltered",
  "lanyard.signedIn",
  "lanyard.isSigningIn",
  "lanyard.canOpenSignInPage",
  "lanyard.canSignInByCode",
  "lanyard.canPasteAddress",
  "lanyard.isKnown",
  "lanyard.startFailed",
] as const;

export type ContextKey = (typeof contextKeys)[number];

/** Settings, without the `lanyard.` that all begin with. */
export const settingKeys = [
  "vscodeMcp.enabled",
  "notifications",
  "sessionCheckSeconds",
  "senderConstrainedTokens",
  "tokenCommand",
  "policy.allowedIssuers",
  "policy.allowedVaults",
  "policy.requiredAcr",
  "policy.teamScripts",
  "policy.tools",
  "restrictions",
  "telemetry.connectionString",
  "signIn.method",
  "signIn.redirectUri",
  "clientKeys",
  "clientSecrets",
] as const;

export type SettingKey = (typeof settingKeys)[number];

export const viewId = "lanyard.connectors";

export const walkthroughId = "lanyard.getStarted";
