import { paths } from "../ipc/wire.ts";
import { askAgent } from "./ask.ts";
import type { Options } from "./commandLine.ts";
import type { Environment } from "./environment.ts";
import { usage, type Outcome, type Reader } from "./outcome.ts";
import { headersByScript } from "./scriptedHeaders.ts";

/** `lanyard headers`: asks the agent, or has the team's script make the headers. */
export const headers = async (environment: Environment, options: Options): Promise<Outcome> => {
  const reader: Reader = { asker: environment.asker, json: options.json };
  if (environment.asker === "claude" && (options.server ?? options.url) !== undefined) {
    return usage(
      "Claude Code itself says which connector it asks for. Leave out --server and --url.",
      reader,
    );
  }
  const server = options.server ?? environment.server;
  const url = options.url ?? environment.url;
  return options.script === undefined
    ? askAgent(environment, paths.headers, { server, url }, reader, true)
    : headersByScript({ ...environment, server, url }, options.script, options.stdin, reader);
};
