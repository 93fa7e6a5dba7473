import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { managedFolderIn } from "../../support/administered.ts";

/** A machine's folders, all below one: a home, and whatever else a layout puts there. */
export interface Machine {
  readonly base: string;
  readonly home: string;
  /** Where the administrator's files lie for the one who looks (`/etc/claude-code`). */
  readonly managed: string;
  /** A server that hears where the client connects to. */
  readonly origin: string;
  /** Whether a file lies there. */
  readonly isManaged: () => boolean;
  readonly path: (...names: readonly string[]) => string;
  readonly write: (path: string, content: string | Uint8Array | object) => void;
  readonly folder: (path: string) => string;
  readonly link: (path: string, target: string) => void;
  readonly git: (folder: string, ...args: readonly string[]) => void;
}

export const openMachine = (base: string, origin: string): Machine => {
  const write: Machine["write"] = (path, content) => {
    mkdirSync(dirname(path), { recursive: true });
    const isBytes = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, isBytes ? content : JSON.stringify(content));
  };
  const home = join(base, "home");
  write(join(home, ".claude/settings.json"), { enableAllProjectMcpServers: true });
  return {
    ...{ base, home, origin, write, managed: managedFolderIn(base) },
    isManaged: () => existsSync(managedFolderIn(base)),
    path: (...names) => join(base, ...names),
    folder: (path) => {
      mkdirSync(path, { recursive: true });
      return path;
    },
    link: (path, target) => {
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(target, path);
    },
    git: (folder, ...args) => {
      mkdirSync(folder, { recursive: true });
      const person = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@acme.example",
        "-c",
        "init.defaultBranch=main",
      ];
      execFileSync("git", ["-C", folder, ...person, ...args], { stdio: "ignore" });
    },
  };
};
