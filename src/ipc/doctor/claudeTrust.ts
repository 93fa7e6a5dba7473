import { readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { TrustFacts } from "../../core/doctor/claudeCode.ts";
import { errnoOf } from "../../core/errors.ts";
import { samePath } from "../../core/paths.ts";
import { smallText } from "../../node/smallText.ts";

/** Whether Claude Code's own settings say that the person trusts the project that `folder` is in. */
export const lookForTrust = async (folder: string, variables: NodeJS.ProcessEnv): Promise<TrustFacts> => {
  const root = await projectRoot(folder);
  const projects = await readProjects(variables);
  if (projects === "unreadable") return { root, stored: "unreadable" };
  const roots = [root, await realpath(root).catch(() => root)];
  const isStored = Object.entries(projects).some(
    ([name, project]) =>
      // On Windows Claude Code writes forward slashes.
      roots.some((each) => samePath(each, name)) && recordOf(project)["hasTrustDialogAccepted"] === true,
  );
  return { root, stored: isStored ? "yes" : "no" };
};

/** `CLAUDE_CONFIG_DIR` moves all of it; set to nothing, it is not set. `.config.json` counts where it is there. */
const settingsFiles = (variables: NodeJS.ProcessEnv): readonly string[] => {
  const moved = variables["CLAUDE_CONFIG_DIR"];
  return moved
    ? [join(moved, ".config.json"), join(moved, ".claude.json")]
    : [join(homedir(), ".claude", ".config.json"), join(homedir(), ".claude.json")];
};

type Projects = Readonly<Record<string, unknown>>;

const readProjects = async (variables: NodeJS.ProcessEnv): Promise<Projects | "unreadable"> => {
  for (const file of settingsFiles(variables)) {
    try {
      return recordOf(recordOf(JSON.parse(await readFile(file, "utf8")))["projects"]);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") return "unreadable";
    }
  }
  return {};
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** The folder above that holds `.git`; the folder itself where there is none. */
const projectRoot = async (folder: string): Promise<string> => {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const git = await stat(join(at, ".git")).catch(() => undefined);
    if (git?.isDirectory() === true) return at;
    if (git?.isFile() === true) return mainOf(at) ?? at;
    if (at === dirname(at)) return resolve(folder);
  }
};

/** The main repository of a worktree, whose `.git` is a file (gitrepository-layout). A submodule's has no `commondir`. */
const mainOf = (worktree: string): string | undefined => {
  try {
    const [, named] = /^gitdir: (.+)$/m.exec(smallText(join(worktree, ".git"))) ?? [];
    if (named === undefined) return undefined;
    const gitDirectory = resolve(worktree, named.trim());
    const common = smallText(join(gitDirectory, "commondir"));
    return dirname(resolve(gitDirectory, common.trim()));
  } catch {
    return undefined;
  }
};
