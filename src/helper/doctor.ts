import { existsSync } from "node:fs";
import { join } from "node:path";
import { judgeClaudeCode, judgeTrust, versionIn, type TrustFacts } from "../core/doctor/claudeCode.ts";
import { findingsInOrder, type Finding } from "../core/doctor/finding.ts";
import {
  judgeAgent,
  judgeCurl,
  judgeDirectory,
  judgeEndpoint,
  judgeLauncher,
} from "../core/doctor/helper.ts";
import { findingsText } from "../core/doctor/report.ts";
import { english } from "../core/text.ts";
import { lookAtDirectory, lookAtEndpoint, lookAtLauncher, lookForAgent } from "../ipc/doctor/installation.ts";
import { lookThroughLeader } from "../ipc/doctor/leader.ts";
import { lookForClaudeCode, lookForCurl } from "../ipc/doctor/programs.ts";
import { lookForTrust } from "../ipc/doctor/claudeTrust.ts";
import { exitCodes } from "../ipc/api/exitCodes.ts";
import type { Options } from "./commandLine.ts";
import { leftMs, type Environment } from "./environment.ts";
import type { CommandOutcome } from "./outcome.ts";

/**
 * `lanyard doctor`: what the helper needs, seen from where it runs, and what only the window that answers helpers can
 * see, as that window sees it.
 */
export const doctor = async (environment: Environment, { json }: Options): Promise<CommandOutcome> => {
  const [here, inWindow] = await Promise.all([lookHere(environment), askWindow(environment)]);
  const findings = findingsInOrder([...here, ...inWindow]);
  const hasFailed = findings.some(({ verdict }) => verdict === "failed");
  return {
    exitCode: hasFailed ? exitCodes.internal : exitCodes.ok,
    stdout: json ? JSON.stringify(findings) : findingsText(findings),
  };
};

/** What is left is for printing. */
const marginMs = 700;

const lookHere = async (environment: Environment): Promise<readonly Finding[]> => {
  const { home, variables } = environment;
  const timeoutMs = Math.min(5000, Math.max(1, leftMs(environment) - marginMs));
  const asking = { variables, timeoutMs };
  const [launcher, endpoint, directory, agent, curl, claudeCode, trusts] = await Promise.all([
    lookAtLauncher(home),
    lookAtEndpoint(home),
    lookAtDirectory(home),
    lookForAgent(home, Math.min(3000, timeoutMs)),
    lookForCurl(asking),
    lookForClaudeCode(asking),
    trustsHere(environment),
  ]);
  const current = agent.kind === "answers" ? agent.version : undefined;
  return [
    judgeLauncher(launcher, current, english),
    judgeEndpoint(endpoint, undefined, english),
    judgeDirectory(directory, undefined, english),
    judgeAgent(agent, undefined, english),
    judgeCurl(curl, english),
    judgeClaudeCode(claudeCode, english),
    ...trusts.flatMap((facts) => judgeTrust(facts, versionIn(claudeCode), english)),
  ];
};

/** Where this is run in a project that has connectors, whether Claude Code would ask for them at all. */
const trustsHere = async ({ cwd, variables }: Environment): Promise<readonly TrustFacts[]> =>
  existsSync(join(cwd, ".mcp.json")) ? [await lookForTrust(cwd, variables)] : [];

/** Where no window answers, the agent's own check says so. */
const askWindow = (environment: Environment): Promise<readonly Finding[]> =>
  lookThroughLeader(environment.home, Math.max(1, leftMs(environment) - marginMs));
