import { setTimeout as delay } from "node:timers/promises";
import { runBridge } from "../bridge/main.ts";
import { systemClock } from "../node/clock.ts";
import { HistoryFile } from "../node/historyFile.ts";
import { exitCodes } from "../ipc/api/exitCodes.ts";
import { helpOf } from "./help.ts";
import type { Environment } from "./environment.ts";
import type { CommandOutcome } from "./outcome.ts";

/** The history's last line and what was learned of the connector have so long, on a disk that hangs. */
const lastWritesMs = 500;

/** `lanyard bridge NAME`: serves until its client goes. */
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
  const { kept } = await runBridge({ home, server, cwd, pid: callerPid, history });
  await Promise.race([Promise.all([kept, history.settled()]), delay(lastWritesMs)]);
  return { exitCode: exitCodes.ok };
};
