import { posixWords } from "./posix.ts";
import { windowsWords } from "./windows.ts";
import type { Reading } from "./word.ts";

/** Who takes an entry's command apart: `/bin/sh`, and on Windows cmd.exe. */
export type Shell = "sh" | "cmd";

/** The one reading of a command: route, check, comparison and run all go by it. */
export const readCommand = (command: string, shell: Shell): Reading =>
  shell === "sh" ? posixWords(command) : windowsWords(command);
