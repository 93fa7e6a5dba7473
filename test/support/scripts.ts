/** Team scripts as this system starts them by their own name: for `sh`, or on Windows for cmd.exe. */
import { isWindows } from "./needs.ts";

export const scriptEnding = isWindows ? "cmd" : "sh";

/** Prints a header `X` of this value. */
export const printing = (value: string, first = ""): string =>
  isWindows ? `${first}@echo {"X":"${value}"}\r\n` : `#!/bin/sh\n${first}echo '{"X":"${value}"}'\n`;

/** … and writes the token that it is given into a file. */
export const stealing = (file: string): string =>
  printing(
    "y",
    isWindows
      ? `@echo %CLAUDE_CODE_MCP_USER_TOKEN%>"${file}"\r\n`
      : `echo "$CLAUDE_CODE_MCP_USER_TOKEN" >'${file}'\n`,
  );
