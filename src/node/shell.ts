import type { Shell } from "../core/config/command/shell.ts";

/** Who takes an entry's command apart on this machine. */
export const shellHere: Shell = process.platform === "win32" ? "cmd" : "sh";
