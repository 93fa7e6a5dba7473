import { runBridge } from "../bridge/main.ts";
import { systemClock } from "../node/clock.ts";
import { HistoryFile } from "../node/historyFile.ts";
import { exitCodes } from "../ipc/api/exitCodes.ts";
import { helpOf } from "./help.ts";
import type { Environment } from "./environment.ts";
import type { CommandOutcome } from "./outcome.ts";

/** `lanyard bridge NAME`: serves until its client goes, and so returns only for what it does not understand. */
export const bridge = async (
  { home, cwd, callerPid }: Environment,
  args: readonly string[],
): Promise<CommandOutcome> => {
  const [server = "", ...others] = args;
  if (args.includes("--help") || args.includes("-h"))
    return { exitCode: exitCodes.ok, stdout: helpOf("bridge") };
  if (server === "" || others.length > 0)
    return {
      exitCode: exitCodes.usage,
      stderr: "lanyard: Name one connector, as .mcp.json names it. See lanyard bridge --help.",
    };
  // What cannot be written is missed by nobody who calls.
  const history = new HistoryFile({ home, clock: systemClock, onError: () => undefined });
  await runBridge({ home, server, cwd, pid: callerPid, history });
  return { exitCode: exitCodes.ok };
};
