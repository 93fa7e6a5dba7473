import { join } from "node:path";

/** Whether a program can be given another `/etc` here: a mount namespace takes root. */
export const canBeAdministered = process.getuid?.() === 0 && process.platform === "linux";

/** Where the administrator's files lie for a program that is started so: its `/etc/claude-code`. */
export const managedFolderIn = (base: string): string => join(base, "managed");

const script = `cp -a /etc "$1/etc" && ln -sfn "$1/managed" "$1/etc/claude-code" && mount --bind "$1/etc" /etc && shift && exec "$@"`;

/** The words before a command that give it, and all that it starts, an `/etc` of its own; it lies below `base`. */
export const asAdministered = (base: string): readonly string[] => [
  "unshare",
  "-m",
  "sh",
  "-c",
  script,
  "sh",
  base,
];
