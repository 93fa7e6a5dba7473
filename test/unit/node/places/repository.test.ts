import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bridgesFrom } from "../../../../src/node/clients/setUp.ts";
import { repositoryOf } from "../../../../src/node/places/repository.ts";
import { needs } from "../../../support/needs.ts";

let folder: string;
beforeEach(() => {
  folder = join(realpathSync(mkdtempSync(join(tmpdir(), "lanyard-repository-"))), "clone");
  mkdirSync(folder);
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const makers: readonly (readonly [string, (path: string) => void])[] = [
  ["a pipe", (path) => execFileSync("mkfifo", [path])],
  ["a link to a device that has no end", (path) => symlinkSync("/dev/zero", path)],
];

describe.each(makers)("%s in a folder that was unpacked keeps nobody", (_what, make) => {
  test("in the place of .git", needs("modes", "links"), () => {
    make(join(folder, ".git"));
    expect(repositoryOf(folder)).toEqual({ root: folder, main: folder });
  });

  test("in the place of the file that names the main repository", needs("modes", "links"), () => {
    writeFileSync(join(folder, ".git"), "gitdir: own\n");
    mkdirSync(join(folder, "own"));
    make(join(folder, "own", "commondir"));
    expect(repositoryOf(folder)).toEqual({ root: folder, main: folder });
  });

  test(
    "in the place of .mcp.json, where the command looks for bridges",
    needs("modes", "links"),
    async () => {
      make(join(folder, ".mcp.json"));
      expect(await bridgesFrom(folder)).toEqual([]);
    },
  );
});

test("a worktree names its main repository", () => {
  const main = join(folder, "..", "main");
  mkdirSync(join(main, ".git", "worktrees", "one"), { recursive: true });
  writeFileSync(join(main, ".git", "worktrees", "one", "commondir"), "../..\n");
  writeFileSync(join(folder, ".git"), `gitdir: ${join(main, ".git", "worktrees", "one")}\n`);
  expect(repositoryOf(join(folder))).toEqual({ root: folder, main });
});
