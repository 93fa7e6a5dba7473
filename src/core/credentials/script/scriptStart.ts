import type { Shell } from "../../config/command/shell.ts";
import type { Connector } from "../../config/connector.ts";
import { scriptProgram, type FindScript } from "../../config/command/scriptProgram.ts";
import { type Grant, misconfigured } from "../grant.ts";
import type { ScriptStart } from "../source.ts";

export type ScriptStarting =
  { readonly kind: "start"; readonly start: ScriptStart } | { readonly kind: "held"; readonly grant: Grant };

/** What is to run for a connector, looked up at this moment; or why it does not get the token. */
export const scriptStart = async (
  connector: Connector,
  command: string,
  find: FindScript,
  shell: Shell = "sh",
): Promise<ScriptStarting> => {
  const { kind: origin, folder } = connector.origin;
  const program = scriptProgram(command, shell);
  if (origin === "workspace" && program.kind === "unclear") return held(connector, unclear);
  if (folder === undefined) return { kind: "start", start: { command } };
  if (program.kind !== "path") return { kind: "start", start: { command, folder } };
  const found = await find(folder, program.path);
  if (found.kind === "missing") return held(connector, missing);
  if (found.kind === "outside" && origin === "workspace") return held(connector, outside);
  return { kind: "start", start: { command, program: found.path, folder } };
};

const held = (connector: Connector, template: string): ScriptStarting => ({
  kind: "held",
  grant: misconfigured(connector, template),
});

const outside =
  "The script that makes the headers is a link that leads out of its folder, so it does not get your access token. Put the script itself there.";
const missing = "The script could not be started. Check its path and that it is executable.";
const unclear =
  "What makes the headers begins with something that only a shell can read, so it does not get your access token.";
