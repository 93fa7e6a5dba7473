import type { ScriptResult } from "../core/credentials/source.ts";
import type { Called } from "../ipc/client.ts";
import { readScriptReply, type ScriptTicket } from "../ipc/api/replies.ts";
import { paths } from "../ipc/wire.ts";
import { leftMs, type Environment } from "./environment.ts";
import { printed, unreachable, type CommandOutcome, type Reader } from "./outcome.ts";
import { callUntilAnswered } from "./patience.ts";
import { runTeamScript, type Handover, type ScriptCommand } from "../node/script/teamScript.ts";

/** A refused token is refreshed once; after that the agent has no reason to have the script run again. */
const mostRuns = 3;
/** What is left for the agent to judge the script's result. */
const reserveMs = 600;

/**
 * `lanyard headers -- command`: gets the user's token from the agent, runs the script with it, and has the agent judge
 * what it printed. A token that Claude Code already gave takes no agent.
 */
export const headersByScript = async (
  environment: Environment,
  script: readonly string[],
  stdin: boolean,
  reader: Reader,
): Promise<CommandOutcome> => {
  const run = ({ token, issuer }: UserToken, place: Place = {}): Promise<ScriptResult> => {
    const [name = "", ...args] = script;
    const argv = [place.program ?? name, ...args];
    const command: ScriptCommand = { kind: "argv", argv, folder: place.folder };
    return runTeamScript(command, handoverOf(environment, token, issuer, stdin), {
      signal: AbortSignal.timeout(Math.max(1, leftMs(environment) - reserveMs)),
      passStderr: reader.asker === "person",
    });
  };
  if (environment.userToken !== undefined) {
    const { judgeLocally } = await import("./localJudgement.ts");
    return judgeLocally(await run(environment.userToken), environment.server, reader);
  }
  let called = await askForToken(environment, script, reader);
  for (let runs = 0; called.kind === "reply"; runs += 1) {
    const reply = readScriptReply(called.body);
    if (reply === undefined || (reply.kind === "start" && runs === mostRuns)) {
      return unreachable("broken", reader);
    }
    if (reply.kind === "done") return printed(reply, reader, true);
    called = await postResult(environment, reply.ticket, await run(reply, reply));
  }
  return unreachable(called.kind, reader);
};

type UserToken = NonNullable<Environment["userToken"]>;

/** The approved script by its own path, in its entry's folder, wherever this was called. */
type Place = Partial<Pick<ScriptTicket, "program" | "folder">>;

const handoverOf = (
  { server, url, variables }: Environment,
  token: string,
  issuer: string,
  stdin: boolean,
): Handover => ({ server, url, issuer, token, by: stdin ? "stdin" : "environment", variables });

const askForToken = (
  environment: Environment,
  script: readonly string[],
  { asker, json }: Reader,
): Promise<Called> => {
  const { callerPid: pid, cwd, server, url } = environment;
  const asked = { asker, json, pid, cwd, server, url, script: true, argv: script };
  return callUntilAnswered(environment, (timeoutMs) => ({
    path: paths.headers,
    message: { ...asked, deadlineMs: timeoutMs },
    accept: "json",
    timeoutMs,
  }));
};

const postResult = (environment: Environment, ticket: string, result: ScriptResult): Promise<Called> => {
  return callUntilAnswered(environment, (timeoutMs) => ({
    path: `${paths.scriptResults}${ticket}`,
    message: { ...result, deadlineMs: timeoutMs },
    accept: "json",
    timeoutMs,
  }));
};
