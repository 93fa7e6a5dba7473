import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { claudeCodeVersionIn, type ClaudeCodeFacts } from "../../core/doctor/claudeCode.ts";
import { curlVersionIn, type CurlFacts } from "../../core/doctor/helper.ts";

export const isExecutable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
};

/** The first program of that name. Folders that the PATH names relatively are skipped: a project could lie there. */
const findOnPath = async (
  name: string,
  searchPath: string,
  platform: NodeJS.Platform,
): Promise<string | undefined> => {
  const names = platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of searchPath.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    for (const each of names) {
      const file = join(folder, each);
      if (await isExecutable(file)) return file;
    }
  }
  return undefined;
};

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
    const options = {
      cwd: homedir(),
      env: { ...variables, DISABLE_AUTOUPDATER: "1" },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: longestAnswer,
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    } as const;
    try {
      const child = execFile(file, ["--version"], options, (error, stdout) =>
        resolve(error === null ? stdout : undefined),
      );
      child.stdin?.end();
    } catch {
      // Windows starts no batch file without a shell.
      resolve(undefined);
    }
  });

const pathOf = (variables: NodeJS.ProcessEnv): string => variables["PATH"] ?? variables["Path"] ?? "";

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
