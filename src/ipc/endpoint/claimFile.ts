import { errnoOf } from "../../core/errors.ts";
import { createHash, randomBytes } from "node:crypto";
import { link, open, rename, rm, unlink } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
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
    await handle.writeFile(text).finally(() => handle.close());
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
 * Removes the file if it says `text`. Between reading and removing, another could have removed it and a third have
 * placed their own: so who may remove this very claim is decided first, by a file that is named after what it says.
 * One that has lost waits until the other is done.
 * @param patienceMs After this the other counts as dead, and the next who tries may remove it.
 */
export const removeClaim = async (file: string, text: string, patienceMs = 2000): Promise<void> => {
  if (!(await says(file, text))) return;
  const right = `${file}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
  if (!(await make(right))) {
    const endMs = performance.now() + patienceMs;
    while (await says(file, text)) {
      if (performance.now() > endMs) return rm(right, { force: true });
      await setTimeout(pauseMs);
    }
    return;
  }
  try {
    if (await says(file, text)) await unlink(file);
  } finally {
    await rm(right, { force: true });
  }
};

const pauseMs = 5;

const says = async (file: string, text: string): Promise<boolean> => {
  const reading = await readEndpoint(file);
  return (reading.kind === "record" || reading.kind === "garbled") && reading.text === text;
};

/** @returns false when there already is one. */
const make = async (file: string): Promise<boolean> => {
  try {
    await (await open(file, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
};

const hasNoLinks = (error: unknown): boolean =>
  ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errnoOf(error) ?? "");
