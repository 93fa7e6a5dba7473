import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findOnPath, pathOf } from "../../../src/node/searchPath.ts";
import { needs } from "../../support/needs.ts";

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-path-"));
  for (const folder of ["one", "two"]) await mkdir(join(base, folder));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const write = async (file: string, mode = 0o755): Promise<void> => {
  await writeFile(join(base, file), "");
  await chmod(join(base, file), mode);
};
const both = (): string => ["one", "two"].map((folder) => join(base, folder)).join(delimiter);

describe("a program of the PATH", () => {
  test.each([
    ["linux", ["two/x"], "two/x"],
    ["darwin", ["one/x", "two/x"], "one/x"],
    ["linux", ["one/x.exe"], undefined],
    ["win32", ["one/x.cmd", "one/x.exe"], "one/x.exe"],
    ["win32", ["one/x.cmd", "two/x.exe"], "one/x.cmd"],
    ["win32", ["one/x"], undefined],
  ] as const)("on %s, of %j, is %s", async (platform, files, found) => {
    for (const file of files) await write(file);
    expect(await findOnPath("x", both(), platform)).toBe(found === undefined ? undefined : join(base, found));
  });

  test("is no folder, and on a system with modes no other file", needs("modes"), async () => {
    await mkdir(join(base, "one/x"));
    await write("two/x", 0o644);
    expect(await findOnPath("x", both(), "linux")).toBeUndefined();
  });
});

test.each([
  [{ PATH: "a" }, "a"],
  [{ Path: "a" }, "a"],
  [{}, ""],
])("the PATH of %j is %j", (variables, path) => {
  expect(pathOf(variables)).toBe(path);
});
