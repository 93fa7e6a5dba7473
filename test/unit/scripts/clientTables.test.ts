import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leaveCells, readTables } from "../../clients/support/tables.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tables-"));
});
afterEach(() => rm(root, { recursive: true }));

const rowsOf = async (): Promise<readonly string[]> => {
  const text = await readTables(join(root, "clients"), join(root, "editor"));
  return text.split("\n").filter((line) => line.startsWith("|"));
};

test("the editor's row is what its own tests saw, and nothing else", async () => {
  await leaveCells("Codex 1.0", "calls", { calls: "yes" }, join(root, "clients"));
  await leaveCells("VS Code 1.139.1", "calls", { calls: "yes" }, join(root, "editor"));
  await leaveCells("VS Code 1.139.1", "revoked", { revoked: "nothing sent" }, join(root, "editor"));
  expect((await rowsOf()).slice(2)).toEqual([
    "| Codex 1.0 | – | yes | – | – | – | – |",
    "| VS Code 1.139.1 | – | yes | – | – | nothing sent | – |",
  ]);
});

test("where they have not run, it says who would fill it", async () => {
  await leaveCells("Codex 1.0", "calls", { calls: "yes" }, join(root, "clients"));
  expect((await rowsOf()).at(-1)).toBe("| VS Code (seen by `npm run test:editor`) | – | – | – | – | – | – |");
});

test("without any client there is no table", async () => {
  await leaveCells("VS Code 1.139.1", "calls", { calls: "yes" }, join(root, "editor"));
  expect(await rowsOf()).toEqual([]);
});
