import type { RunScript, ScriptStart } from "../../core/credentials/source.ts";
import { withoutStripped } from "../../core/credentials/script/strippedVariables.ts";
import { readCommand } from "../../core/config/command/shell.ts";
import { shellHere } from "../shell.ts";
import { runTeamScript, type ScriptCommand } from "./teamScript.ts";

/**
 * Runs a connector's team script as a helper would, in the connector's folder: one of a project's entry sees of the
 * environment what Claude Code's helper sees, so that what is ready here is ready there.
 */
export const runScriptHere =
  (variables: NodeJS.ProcessEnv): RunScript =>
  ({ connector: { name, url, helper, origin }, session, signal }, start) =>
    runTeamScript(
      commandOf(start),
      {
        server: name,
        url,
        issuer: session.issuer,
        token: session.accessToken.reveal(),
        by: helper.kind === "script" && helper.stdin ? "stdin" : "environment",
        variables: origin.kind === "workspace" ? withoutStripped(variables) : variables,
      },
      { signal, passStderr: false },
    );

/**
 * By the words that were read. A shell is started for what only a shell can tell: the variables and patterns among the
 * arguments, and whatever a person's own file has.
 */
const commandOf = ({ command, program, folder }: ScriptStart): ScriptCommand => {
  const { words, isWhole } = readCommand(command, shellHere);
  const [first, ...others] = words;
  const argv = others.flatMap((word) => (word.kind === "plain" ? [word.text] : []));
  if (!isWhole || first?.kind !== "plain") return { kind: "shell", command, folder };
  const started = program ?? first.text;
  if (argv.length === others.length) return { kind: "argv", argv: [started, ...argv], folder };
  const rest = command.slice(first.end);
  return shellHere === "cmd"
    ? { kind: "line", program: started, rest, folder }
    : { kind: "argv", argv: ["/bin/sh", "-c", `"$0"${rest}`, started], folder };
};
