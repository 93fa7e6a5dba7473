import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";

/**
 * The folder of this machine where several share one home. It is named after the run of the kernel, which no two
 * machines have in common, be one a copy of the other, and which a shell reads without starting a program.
 * @returns undefined where the system gives its runs no names: there is one folder for all.
 */
export const ownRunDirectory = (
  home: string,
  bootId: string | undefined = bootIdHere(),
): string | undefined => (bootId === undefined ? undefined : join(home, `run-${bootId}`));

/**
 * Whether other machines may see this folder too, or see it by another file system: then a socket in it is there for
 * them, and refuses them.
 */
export const isSharedFolder = async (folder: string): Promise<boolean> => {
  if (process.platform !== "linux") return false;
  const type = await statfs(folder).then(
    (stats) => stats.type,
    () => 0,
  );
  return sharedTypes.has(type >>> 0);
};

/** By their numbers in statfs(2). */
const sharedTypes: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x65735546, // FUSE: sshfs, bindfs, most of the clouds'
  ...[0x517b, 0xff534d42, 0xfe534d42], // SMB, CIFS, SMB2
  ...[0x5346414f, 0x6b414653], // AFS
  0x01021997, // 9P
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x00c36400, // Ceph
  0x19830326, // BeeGFS
  ...[0x01161970, 0x7461636f], // GFS2, OCFS2
]);

const bootFile = "/proc/sys/kernel/random/boot_id";
let known: { readonly bootId: string | undefined } | undefined;

const bootIdHere = (): string | undefined => {
  known ??= { bootId: readBootId() };
  return known.bootId;
};

const readBootId = (): string | undefined => {
  try {
    return /^[0-9a-f-]{36}$/.exec(readFileSync(bootFile, "utf8").trim())?.[0];
  } catch {
    return undefined;
  }
};
