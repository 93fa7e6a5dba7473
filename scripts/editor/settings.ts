/**
 * A quiet editor for the demo and the tests: the folder's trust is asked for at once, nothing hides the connectors, and
 * nothing calls home.
 */
export const demoSettings: Readonly<Record<string, unknown>> = {
  "security.workspace.trust.startupPrompt": "always",
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
};
