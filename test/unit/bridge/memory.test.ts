import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryFolderOf, openMemory } from "../../../src/bridge/memory.ts";

let home: string;
const opened = (server = "odd"): ReturnType<typeof openMemory> => openMemory(home, server, "/work");

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-memory-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("what is kept is on the disk, in one piece, once that is said", async () => {
  const first = await opened();
  first.keep("initialize", '{"name":"odd"}');
  first.keep("tools", "[1]");
  first.keep("tools", "[2]");
  await first.kept();
  const again = await opened();
  expect([again.get("initialize"), again.get("tools")]).toEqual(['{"name":"odd"}', "[2]"]);
  expect(await readdir(memoryFolderOf(home))).toHaveLength(1);
});

test("each connector has its own", async () => {
  const first = await opened();
  first.keep("tools", "[1]");
  await first.kept();
  expect((await opened("other")).get("tools")).toBeUndefined();
});

test("a disk that takes nothing is said to nobody, and what is known is known until the end", async () => {
  await writeFile(memoryFolderOf(home), "");
  const memory = await opened();
  memory.keep("tools", "[1]");
  await memory.kept();
  expect(memory.get("tools")).toBe("[1]");
});

test("what is no JSON is passed over", async () => {
  const first = await opened();
  first.keep("tools", "[1]");
  await first.kept();
  const [name = ""] = await readdir(memoryFolderOf(home));
  await writeFile(join(memoryFolderOf(home), name), '{"tools":"[1"');
  expect((await opened()).get("tools")).toBeUndefined();
});
