import type { RunScript } from "../core/credentials/source.ts";
import { runTeamScript } from "./teamScript.ts";

/** Runs a connector's team script as Claude Code would: by a shell, in the connector's folder. */
export const runScriptHere =
  (variables: NodeJS.ProcessEnv): RunScript =>
  ({ connector: { name, url, helper, origin }, session, signal }, command) =>
    runTeamScript(
      { kind: "shell", command, folder: origin.folder },
      {
        server: name,
        url,
        issuer: session.issuer,
        token: session.accessToken.reveal(),
        by: helper.kind === "script" && helper.stdin ? "stdin" : "environment",
        variables,
      },
      { signal, passStderr: false },
    );
