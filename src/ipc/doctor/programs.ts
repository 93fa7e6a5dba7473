import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { delimiter } from "node:path";
import { claudeCodeVersionIn, type ClaudeCodeFacts } from "../../core/doctor/claudeCode.ts";
import { curlVersionIn, type CurlFacts } from "../../core/doctor/helper.ts";
import { windowsStart, type WindowsStart } from "../../node/script/windowsStart.ts";
import { findOnPath, pathOf } from "../../node/searchPath.ts";

/** What programs are asked with, and how long they may take. */
export interface ProgramLookup {
  readonly variables: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly platform?: NodeJS.Platform;
}

const longestAnswer = 16 * 1024;

/** What a program prints for `--version`, from the person's home folder: no project's files play a part. */
const printedVersion = (
  file: string,
  { variables, timeoutMs, signal }: ProgramLookup,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    const start = askingStart(file, variables);
    if (start === undefined) {
      resolve(undefined);
      return;
    }
    const options = {
      cwd: homedir(),
      env: { ...variables, DISABLE_AUTOUPDATER: "1" },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: longestAnswer,
      windowsHide: true,
      windowsVerbatimArguments: start.isVerbatim,
      ...(signal === undefined ? {} : { signal }),
    } as const;
    const child = execFile(start.program, start.args, options, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
    child.stdin?.end();
  });

/** npm puts a batch file on Windows' PATH, which cmd.exe starts. */
const askingStart = (file: string, variables: NodeJS.ProcessEnv): WindowsStart | undefined => {
  const argv = [file, "--version"];
  if (process.platform !== "win32") return { program: file, args: argv.slice(1), isVerbatim: false };
  const starting = windowsStart(argv, { variables, folder: homedir() });
  return starting.kind === "start" ? starting.start : undefined;
};

/** Where systems and their package managers put it; what else a PATH has first may need a shell's settings to start. */
const curlPlaces = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin", "/run/current-system/sw/bin"];

/** The curl for the launcher: the system's, else the first of the PATH. */
export const lookForKnownCurl = (variables: NodeJS.ProcessEnv): Promise<string | undefined> =>
  process.platform === "win32"
    ? Promise.resolve(undefined)
    : findOnPath("curl", [...curlPlaces, pathOf(variables)].join(delimiter), process.platform);

export const lookForCurl = async (asking: ProgramLookup): Promise<CurlFacts> => {
  const platform = asking.platform ?? process.platform;
  if (platform === "win32") return { needed: false };
  const file = await findOnPath("curl", pathOf(asking.variables), platform);
  if (file === undefined) return { needed: true };
  const version = curlVersionIn((await printedVersion(file, asking)) ?? "");
  return { needed: true, file, ...(version === undefined ? {} : { version }) };
};

export const lookForClaudeCode = async (asking: ProgramLookup): Promise<ClaudeCodeFacts> => {
  const file = await findOnPath("claude", pathOf(asking.variables), asking.platform ?? process.platform);
  if (file === undefined) return { kind: "notFound" };
  const version = claudeCodeVersionIn((await printedVersion(file, asking)) ?? "");
  return version === undefined ? { kind: "silent" } : { kind: "found", version };
};
