import { paths, type Fields } from "../ipc/wire.ts";
import type { Options } from "./commandLine.ts";
import { readerOf, type Environment } from "./environment.ts";
import { usage, type CommandOutcome, type Reader, printed, unreachable } from "./outcome.ts";
import { headersByScript } from "./scriptedHeaders.ts";
import { readPlainReply } from "../ipc/api/replies.ts";
import { callUntilAnswered } from "./patience.ts";

/** `lanyard headers`: asks the agent, or has the team's script make the headers. */
export const headers = async (environment: Environment, options: Options): Promise<CommandOutcome> => {
  const reader: Reader = { ...readerOf(environment), json: options.json };
  if (environment.asker === "claude" && (options.server ?? options.url) !== undefined) {
    return usage(
      "Claude Code itself says which connector it asks for. Leave out --server and --url.",
      reader,
    );
  }
  const server = options.server ?? environment.server;
  const url = options.url ?? environment.url;
  return options.script === undefined
    ? printFromAgent(environment, paths.headers, { server, url }, reader, true)
    : headersByScript({ ...environment, server, url }, options.script, options.stdin, reader);
};

/** `lanyard token`: the access token behind a connector, or of an issuer. */
export const token = (environment: Environment, options: Options): Promise<CommandOutcome> => {
  const server = options.server ?? environment.server;
  const url = options.url ?? environment.url;
  const fields = { server, url, issuer: options.issuer ?? "" };
  return printFromAgent(environment, paths.token, fields, {
    ...readerOf(environment),
    asker: "person",
    json: options.json,
  });
};

/** `lanyard status`: what the board shows. */
export const status = (environment: Environment, options: Options): Promise<CommandOutcome> =>
  printFromAgent(
    environment,
    paths.status,
    {},
    { ...readerOf(environment), asker: "person", json: options.json },
  );

/** Asks the agent what to print. `isHeaders` when nothing but a JSON object of strings may come out. */
const printFromAgent = async (
  environment: Environment,
  path: string,
  fields: Fields,
  reader: Reader,
  isHeaders = false,
): Promise<CommandOutcome> => {
  const { asker, cwd, callerPid: pid } = environment;
  const called = await callUntilAnswered(environment, (timeoutMs) => {
    return {
      path,
      message: { asker, json: reader.json, deadlineMs: timeoutMs, cwd, pid, ...fields },
      accept: "plain",
      timeoutMs,
    };
  });
  if (called.kind !== "reply") return unreachable(called.kind, reader);
  const reply = readPlainReply(called.body);
  return reply === undefined ? unreachable("broken", reader) : printed(reply, reader, isHeaders);
};
