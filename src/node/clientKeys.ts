import { open } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { Access } from "./access/accessList.ts";
import { LanyardError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";

const largestKeyBytes = 16 * 1024;

/** A key's file, and the identity provider that knows the client by it: nothing is signed for another's connectors. */
export interface ClientKeyFile {
  readonly file: string;
  readonly issuer: string;
}

/**
 * The private keys (JWK) that a client authenticates with, each in a file that a setting names (RFC 7523).
 * @returns undefined when the settings name no such key for this issuer.
 * @throws LanyardError `storageFailed` when the file is missing, too large, or others may read it.
 */
export const clientKeysOf =
  (files: () => ReadonlyMap<string, ClientKeyFile>, look = lookHere) =>
  async (name: string, issuer: string): Promise<Secret | undefined> => {
    const key = files().get(name);
    return key?.issuer === issuer ? new Secret(await readPrivateFile(name, key.file, look)) : undefined;
  };

/** Who else may read a file, by the access lists of Windows; absent where modes say it. */
type Look = (file: string) => Promise<Access | undefined>;

const lookHere: Look = async (file) => {
  if (process.platform !== "win32") return undefined;
  const { isInProfile, lookAtAccess } = await import("./access/windowsAccess.ts");
  const access = await lookAtAccess(file);
  return access.kind === "unknown" && isInProfile(file) ? undefined : access;
};

/** Opened once, so that what is checked is what is read. */
const readPrivateFile = async (name: string, file: string, look: Look): Promise<string> => {
  if (!isAbsolute(file)) throw refused(name, file, "its path is not absolute");
  const handle = await open(file, "r").catch((cause: unknown) => {
    throw refused(name, file, "it cannot be opened", cause);
  });
  try {
    const { mode, uid, size } = await handle.stat();
    const own = process.getuid?.();
    if (own !== undefined && uid !== own) throw refused(name, file, "it belongs to another user");
    if (own !== undefined && (mode & 0o077) !== 0)
      throw refused(name, file, "others may read it; give it mode 0600");
    const access = (await look(file))?.kind ?? "private";
    if (access === "open") throw refused(name, file, "others may read it; take them out with icacls");
    if (access === "unknown") throw refused(name, file, "Windows does not say who may read it");
    if (size > largestKeyBytes) throw refused(name, file, "it is too large for a key");
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
};

const refused = (name: string, file: string, why: string, cause?: unknown): LanyardError =>
  new LanyardError("storageFailed", `The client key "${name}" in ${file} is not used: ${why}.`, { cause });
