import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { errnoOf } from "../core/errors.ts";

/**
 * Writes a person's file whole or not at all. Its mode stays, and a link stays a link: what it leads to is written.
 */
export const writeWhole = async (file: string, text: string): Promise<void> => {
  const target = await realpath(file).catch(() => file);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await replaceFile(target, text, mode);
};

/** Puts a file of its own in that place, whole or not at all: beside it first, down to the disk, then renamed. A link is replaced. */
export const replaceFile = async (path: string, text: string, mode: number): Promise<void> => {
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    const handle = await open(draft, "wx", mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(draft, mode);
    await renameWhenFree(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
};

const busyTries = 5;
const busyPauseMs = 100;

/** A virus scanner, or a program that runs it, holds a file for a moment; on Windows that forbids to replace it. */
const renameWhenFree = async (draft: string, path: string): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      await rename(draft, path);
      return;
    } catch (error) {
      const isBusy = ["EBUSY", "ETXTBSY", "EPERM", "EACCES"].includes(errnoOf(error) ?? "");
      if (!isBusy || tries === busyTries) throw error;
      await setTimeout(busyPauseMs * tries);
    }
  }
};
