import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LanyardError } from "../../../../src/core/errors.ts";
import { english } from "../../../../src/core/text.ts";
import { homeElsewhere, homeTrouble, notExecutable } from "../../../../src/ipc/install/homeTrouble.ts";
import { needs } from "../../../support/needs.ts";

it.each([
  ["ENOSPC", "disk of /home/me/.lanyard is full"],
  ["EDQUOT", "disk of /home/me/.lanyard is full"],
  ["EROFS", "read-only"],
  ["EACCES", "may not write"],
  ["EPERM", "may not write"],
  ["EBUSY", "Another program holds files"],
  ["EIO", "cannot be used (EIO)"],
])("%s is told as what it is", (code, words) => {
  const error = Object.assign(new Error("…"), { code });
  expect(homeTrouble(error, "/home/me/.lanyard", english)).toContain(words);
});

it.each(["lanyard", "./lanyard", "~/.lanyard", "$HOME/.lanyard", " "])(
  "%j is another folder for each program",
  (home) => {
    expect(homeElsewhere(home, english)).toContain(`LANYARD_HOME is ${home.trim()}`);
  },
);

it("an absolute home is one for all", () => {
  expect(homeElsewhere(tmpdir(), english)).toBeUndefined();
});

it("an unsafe place is told in the words that name it", () => {
  const error = new LanyardError("endpointUnsafe", "/x is a link.");
  expect(homeTrouble(error, "/x", english)).toContain("/x is a link.");
});

describe("the command that Claude Code would start", needs("posixShell"), () => {
  const toldOf = async (prepare: (launcher: string) => Promise<unknown>): Promise<string | undefined> => {
    const home = await mkdtemp(join(tmpdir(), "lanyard-home-"));
    try {
      await mkdir(join(home, "bin"));
      await prepare(join(home, "bin/lanyard"));
      return await notExecutable(home, english);
    } finally {
      await rm(home, { recursive: true });
    }
  };
  const script =
    (body: string, mode = 0o755) =>
    (launcher: string): Promise<void> =>
      writeFile(launcher, body, { mode });

  it.each([
    ["runs", script("#!/bin/sh\necho lanyard 1.2.3\n"), undefined],
    ["says something else", script("#!/bin/sh\necho hello\n"), "does not start"],
    ["is not marked as a program", script("#!/bin/sh\n", 0o644), "noexec"],
    ["is not there", () => Promise.resolve(), "noexec"],
    ["may be run by its mode, and not by the shell (126)", (launcher: string) => mkdir(launcher), "noexec"],
  ])("%s", async (_, prepare, words) => {
    const told = await toldOf(prepare);
    if (words === undefined) expect(told).toBeUndefined();
    else expect(told).toContain(words);
  });
});
