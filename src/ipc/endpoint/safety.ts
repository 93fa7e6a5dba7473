import type { Stats } from "node:fs";
import { lstat, mkdir, stat } from "node:fs/promises";
import { errnoOf, LanyardError } from "../../core/errors.ts";
import type { Access } from "../../node/access/accessList.ts";
import { type UnsafeReason } from "./endpointFile.ts";

/** Why the access lists of Windows speak against a home, with all that lies in it. */
export type LookAtHome = (home: string) => Promise<UnsafeReason | undefined>;

/** Loaded where it is needed: Windows alone has such lists. */
const lookAtHome: LookAtHome = async (home) => {
  const { isInProfile, lookAtAccess } = await import("../../node/access/windowsAccess.ts");
  return unsafeAccess(await lookAtAccess(home), isInProfile(home));
};

/** Two programs cost more than all the rest of a helper. In the profile the window's own look has to do. */
const lookOutsideProfile: LookAtHome = async (home) => {
  const { isInProfile } = await import("../../node/access/windowsAccess.ts");
  return isInProfile(home) ? undefined : lookAtHome(home);
};

/** The profile is closed to others unless somebody opens it, so there it need not be seen. */
export const unsafeAccess = ({ kind }: Access, isInProfile: boolean): UnsafeReason | undefined => {
  if (kind === "private") return undefined;
  if (kind === "open") return "openToOthers";
  return isInProfile ? undefined : "notLookedAt";
};

/**
 * Makes LANYARD_HOME where it is missing. It may be a link (people move folders), but it belongs to this user and
 * nobody else can write in it; on Windows, where modes say nothing, nobody else can read in it either.
 * @throws LanyardError `endpointUnsafe`
 */
export const ensureHome = async (home: string, look = lookAtHome): Promise<void> => {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const uid = process.getuid?.();
  if (uid === undefined) {
    const what = await look(home);
    if (what !== undefined) throw unsafe(home, what);
    return;
  }
  const stats = await stat(home);
  if (stats.uid !== uid) throw unsafe(home, "foreignOwner");
  if ((stats.mode & 0o022) !== 0) throw unsafe(home, "openToOthers");
};

/**
 * Makes a directory that only this user can enter, or accepts one that already is so. Never mends one that is not:
 * what lies in it may be somebody else's.
 * @throws LanyardError `endpointUnsafe`
 */
export const ensurePrivateDirectory = async (directory: string): Promise<void> => {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  const stats = await lstat(directory);
  if (stats.isSymbolicLink()) throw unsafe(directory, "link");
  if (!stats.isDirectory()) throw unsafe(directory, "notAFile");
  const uid = process.getuid?.();
  if (uid === undefined) return;
  if (stats.uid !== uid) throw unsafe(directory, "foreignOwner");
  if ((stats.mode & 0o077) !== 0) throw unsafe(directory, "openToOthers");
};

/**
 * Why what lies in `home/run` is not believed, if it is not: others can enter or write in that folder, or put another in
 * its place. Where nothing is there yet, nothing is wrong.
 */
export const unsafeRunDirectory = async (
  home: string,
  directory: string,
  look = lookOutsideProfile,
): Promise<UnsafeReason | undefined> => {
  const [outer, inner] = await Promise.all([stats(stat(home)), stats(lstat(directory))]);
  if (outer === undefined || inner === undefined) return undefined;
  if (inner.isSymbolicLink()) return "link";
  if (!inner.isDirectory()) return "notAFile";
  const uid = process.getuid?.();
  if (uid === undefined) return look(home);
  if (outer.uid !== uid || inner.uid !== uid) return "foreignOwner";
  return (outer.mode & 0o022) !== 0 || (inner.mode & 0o077) !== 0 ? "openToOthers" : undefined;
};

const stats = (looked: Promise<Stats>): Promise<Stats | undefined> => looked.catch(() => undefined);

/**
 * Whether what this user makes in a directory stays there: it is this user's or root's, and if others can write in it,
 * they cannot rename or remove what is not theirs (the sticky bit, as in `/tmp`).
 */
export const keepsWhatItHolds = async (directory: string): Promise<boolean> => {
  const uid = process.getuid?.();
  if (uid === undefined) return true;
  try {
    const { uid: owner, mode } = await stat(directory);
    return (owner === uid || owner === 0) && ((mode & 0o022) === 0 || (mode & 0o1000) !== 0);
  } catch {
    return false;
  }
};

/** The refusal to use a place that others can reach. */
export const unsafe = (path: string, what: UnsafeReason): LanyardError =>
  new LanyardError(
    "endpointUnsafe",
    `${path} ${explanations[what]}, so Lanyard does not use it. ${remedy(path)}`,
  );

const explanations: Readonly<Record<UnsafeReason, string>> = {
  link: "is a link",
  notAFile: "is not what it should be",
  foreignOwner: "belongs to another user",
  openToOthers: "is open to other users",
  notLookedAt: "lies outside of your profile, and its access list cannot be read (icacls)",
};

/** What is made again on Windows gets the list of the folder that it lies in. */
const remedy = (path: string): string =>
  process.platform === "win32"
    ? `Set LANYARD_HOME to a folder of your profile, or close it: ${closingCommand(path)}`
    : "Remove it; Lanyard makes it again.";

/** What takes a folder of Windows, and all in it, from everybody but its user. */
export const closingCommand = (path: string): string =>
  `icacls "${path}" /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F"`;
