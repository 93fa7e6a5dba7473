import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lookForTrust } from "../../../../src/ipc/doctor/claudeTrust.ts";
import { needs } from "../../../support/needs.ts";

let base: string;
let repository: string;
let settings: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "lanyard-trust-")));
  repository = join(base, "repository");
  settings = join(base, "settings");
  await mkdir(join(repository, "packages/web"), { recursive: true });
  await mkdir(settings);
});
afterEach(() => rm(base, { recursive: true, force: true }));

const git = (...args: string[]): void => {
  const own = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
  execFileSync("git", [...own, ...args], { cwd: repository, stdio: "ignore" });
};
const store = (projects: Readonly<Record<string, unknown>>, file = ".claude.json"): Promise<void> =>
  writeFile(join(settings, file), JSON.stringify({ projects }));
const trusted = { hasTrustDialogAccepted: true };
const look = (folder: string): ReturnType<typeof lookForTrust> =>
  lookForTrust(folder, { CLAUDE_CONFIG_DIR: settings });

describe("whether Claude Code has stored that a project is trusted", () => {
  test("counts by the root of the repository, wherever one works in it", needs("git"), async () => {
    git("init");
    await store({ [repository]: trusted });
    expect(await look(join(repository, "packages/web"))).toEqual({ root: repository, stored: "yes" });
    await store({ [join(repository, "packages/web")]: trusted });
    expect(await look(join(repository, "packages/web"))).toEqual({ root: repository, stored: "no" });
  });

  test("counts by the main repository in a worktree", needs("git"), async () => {
    git("init");
    git("commit", "--allow-empty", "-m", "first");
    git("worktree", "add", join(base, "tree"));
    await store({ [repository]: trusted });
    expect(await look(join(base, "tree"))).toEqual({ root: repository, stored: "yes" });
  });

  test("counts by the folder itself where there is no repository", async () => {
    await store({ [repository]: { hasTrustDialogAccepted: false } });
    expect(await look(repository)).toEqual({ root: repository, stored: "no" });
    await store({ [repository]: trusted }, ".config.json");
    expect(await look(repository)).toMatchObject({ stored: "yes" });
  });

  test("counts as Claude Code writes it on Windows, with forward slashes", async () => {
    await store({ [repository.replaceAll("\\", "/")]: trusted });
    expect(await look(repository)).toMatchObject({ stored: "yes" });
  });

  test.each([
    ["are not there", undefined, "no"],
    ["are no JSON", "{", "unreadable"],
    ["are something else", "[]", "no"],
    ["have something else for projects", '{"projects":5}', "no"],
  ])("is not so where the settings %s", async (_what, text, stored) => {
    if (text !== undefined) await writeFile(join(settings, ".claude.json"), text);
    expect(await look(repository)).toMatchObject({ stored });
  });
});
