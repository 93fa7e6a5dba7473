import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inRoot } from "./paths.ts";

/**
 * Claims an empty folder for this process: `.demo/1`, or the next number while another start lives in that one. The
 * claim is a lock of the operating system (taken through SQLite) and falls with the process, however it ends.
 */
export const claimStateFolder = async (): Promise<string> => {
  for (let number = 1; ; number += 1) {
    const folder = inRoot(".demo", String(number));
    await mkdir(folder, { recursive: true });
    if (!lock(join(folder, "lock"))) continue;
    for (const name of await readdir(folder)) {
      if (!name.startsWith("lock")) await rm(join(folder, name), { recursive: true, force: true });
    }
    return folder;
  }
};

const sqliteBusy = 5;

const lock = (file: string): boolean => {
  const database = new DatabaseSync(file);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === sqliteBusy) return false;
    throw error;
  }
  process.once("exit", () => database.close());
  return true;
};
