import { execFile } from "node:child_process";
import { join } from "node:path";

/** What came of running the launcher once. */
export type Trial =
  | { readonly kind: "runs" }
  /** The shell may not run it: its disk forbids programs (`noexec`), or it is not marked as one. */
  | { readonly kind: "forbidden" }
  | { readonly kind: "failed" }
  /** Nothing was learned: it took too long, or this is a system on which it is not tried. */
  | { readonly kind: "unknown" };

const timeoutMs = 5000;
/** How a shell says that a program is there and may not be run (POSIX, 2.8.2). */
const notRunnable = 126;

/** Runs the launcher under `home` as Claude Code does, by a shell and its path, for its version alone. */
export const tryLauncher = (home: string, signal?: AbortSignal): Promise<Trial> => {
  if (process.platform === "win32") return Promise.resolve({ kind: "unknown" });
  const { CLAUDE_CODE_MCP_SERVER_NAME: _name, ...variables } = process.env;
  const options = {
    env: { ...variables, LANYARD_TRIED: join(home, "bin/lanyard") },
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: 4096,
    ...(signal === undefined ? {} : { signal }),
  } as const;
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-c", '"$LANYARD_TRIED" --version'], options, (error, stdout) => {
      if (error === null) {
        resolve({ kind: stdout.startsWith("lanyard ") ? "runs" : "failed" });
        return;
      }
      if (error.killed === true || signal?.aborted === true) {
        resolve({ kind: "unknown" });
        return;
      }
      resolve({ kind: error.code === notRunnable ? "forbidden" : "failed" });
    });
  });
};
