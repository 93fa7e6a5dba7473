import * as path from "node:path";
import type * as vscode from "vscode";
import type { Issue, Place } from "../core/config/issues/issue.ts";
import { issues } from "../core/config/issues/issues.ts";
import { errnoOf } from "../core/errors.ts";
import { installLaunchers } from "../ipc/install/launchers.ts";
import { lookForKnownCurl } from "../ipc/doctor/programs.ts";
import { tryLauncher } from "../ipc/install/trial.ts";
import { versionOf } from "./version.ts";

const placeOf = (home: string): Place => {
  const file = path.join(home, "bin", "lanyard");
  return { file, line: 0, column: 0, endLine: 0, endColumn: 0 };
};

/**
 * Writes the command that Claude Code calls.
 * @returns what is in the way of it, if something of this machine is. @throws LanyardError `endpointUnsafe`
 */
export const installHere = async (
  context: vscode.ExtensionContext,
  home: string,
): Promise<Issue | undefined> => {
  const dist = path.join(context.extensionPath, "dist");
  const curlPath = await lookForKnownCurl(process.env);
  try {
    await installLaunchers({
      ...{ home, version: versionOf(context), nodePath: process.execPath, templateDirectory: dist },
      ...(curlPath === undefined ? {} : { curlPath }),
      helperBundlePath: path.join(dist, "helper.cjs"),
    });
    return undefined;
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    return issues.launcherUnwritten({ place: placeOf(home) }, code);
  }
};

/** Runs the command once, as Claude Code does. @returns what keeps it from running. */
export const tryHere = async (home: string, signal: AbortSignal): Promise<Issue | undefined> => {
  const where = { place: placeOf(home) };
  switch ((await tryLauncher(home, signal)).kind) {
    case "forbidden":
      return issues.launcherForbidden(where);
    case "failed":
      return issues.launcherFailed(where);
    case "runs":
    case "unknown":
      return undefined;
  }
};
