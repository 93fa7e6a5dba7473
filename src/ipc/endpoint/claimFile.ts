import { errnoOf } from "../../core/errors.ts";
import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, rm, unlink } from "node:fs/promises";
import { readEndpoint } from "./endpointFile.ts";

/*
 * A claim is a file in the syntax of the endpoint file. It names the window that does something which only one may do:
 * lead, or renew a session. Whoever reads it can ask that window whether it lives.
 */

/**
 * Makes the file, whole or not at all. It need not survive a loss of power, and what is left of it then is worth
 * nothing: so nobody waits for the disk while others wait for the one who claims.
 * @returns false when there already is one.
 */
export const placeClaim = async (file: string, text: string): Promise<boolean> => {
  const draft = `${file}.${randomBytes(8).toString("hex")}`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    if (!hasNoLinks(error) || (await readEndpoint(file)).kind !== "absent") throw error;
    await rename(draft, file);
    return true;
  } finally {
    await rm(draft, { force: true });
  }
};

/**
 * Removes the file if it says `text`. It is moved aside first, which only one process can do, and put back if it
 * turns out to be one that has just been written.
 */
export const removeClaim = async (file: string, text: string): Promise<void> => {
  const reading = await readEndpoint(file);
  if (reading.kind === "absent") return;
  if ((reading.kind !== "record" && reading.kind !== "garbled") || reading.text !== text) return;
  const aside = `${file}.${randomBytes(8).toString("hex")}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== text) {
    await link(aside, file).catch(() => undefined);
  }
  await unlink(aside);
};

const hasNoLinks = (error: unknown): boolean =>
  ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errnoOf(error) ?? "");
