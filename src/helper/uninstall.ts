/**
 * What the editor runs once this extension is gone from it (`vscode:uninstall` in package.json): at its next start, as
 * a Node program of its own that has five seconds and no `vscode`. It does not run when a version replaces another.
 * What it prints goes to the editor's log. Tokens are out of its reach: SecretStorage belongs to the editor.
 */
import { inBackground } from "../core/background.ts";
import { uninstallHome, type Uninstalled } from "../ipc/install/uninstall.ts";
import { homeOf } from "./environment.ts";

const sentenceOf = (home: string, outcome: Uninstalled): string => {
  switch (outcome.kind) {
    case "removed":
      return `Lanyard left nothing in ${home}.`;
    case "kept":
      return `Lanyard removed what it had written to ${home}, and left ${outcome.names.join(", ")}, which it had not.`;
    case "inUse":
      return `Lanyard ${outcome.version} of another editor still answers at ${home}, so nothing was removed.`;
    case "foreign":
      return `${home} belongs to another user, so nothing was removed.`;
  }
};

const home = homeOf(process.env);
inBackground("uninstall", async () => {
  process.stdout.write(`${sentenceOf(home, await uninstallHome(home))}\n`);
});
