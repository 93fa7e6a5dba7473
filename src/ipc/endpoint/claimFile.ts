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
  const draft = draftBeside(file);
  await writeDraft(draft, text);
  try {
    return await placeDraft(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
};

/** Where a claim to the file lies ready: a name of its own beside it. */
export const draftBeside = (file: string): string => `${file}.${randomBytes(8).toString("hex")}`;

/** Writes a claim that is placed later, unless it lies there already. */
export const writeDraft = async (draft: string, text: string): Promise<void> => {
  if (await says(draft, text)) return;
  await rm(draft, { force: true });
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text).finally(() => handle.close());
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};

/**
 * Links the draft into place, which takes no room: so what was written in time is placed on a full disk, too. The draft
 * stays, but where the file system has no links.
 * @returns false when there already is one.
 */
export const placeDraft = async (draft: string, file: string): Promise<boolean> => {
  try {
    return await linked(draft, file);
  } catch (error) {
    if (!hasNoLinks(error) || (await readEndpoint(file)).kind !== "absent") throw error;
    await rename(draft, file);
    return true;
  }
};

const linked = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
};

/**
 * Removes the file if it says `text`. Between reading and removing, another could have removed it and a third have
 * placed their own: so who may remove this very claim is decided first, by a file that is named after what it says.
 * One that has lost waits until the other is done.
 * @param patienceMs After this the other counts as dead, and the next who tries may remove it.
 * @param spare A file of one's own: a link to it needs no room, as a new file does.
 */
export const removeClaim = async (
  file: string,
  text: string,
  { patienceMs = 2000, spare }: { readonly patienceMs?: number; readonly spare?: string } = {},
): Promise<void> => {
  if (!(await says(file, text))) return;
  const right = `${file}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
  if (!(await make(right, spare))) {
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
const make = async (file: string, spare: string | undefined): Promise<boolean> => {
  try {
    if (spare !== undefined) return await linked(spare, file);
  } catch {
    // It is not there, or there are no links.
  }
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
