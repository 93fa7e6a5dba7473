import { readdir, readFile } from "node:fs/promises";

/**
 * Ends what a client has left running in the background for this folder, such as Cline's hub and the server of Codex: by
 * an argument, or a program, that is the folder or lies in it, which no other test's process has. Where there is no /proc
 * it finds none.
 */
export const endDaemonsOf = async (folder: string): Promise<void> => {
  const entries = await readdir("/proc").catch((): string[] => []);
  for (const entry of entries.filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    const isIts = (word: string): boolean => word === folder || word.startsWith(`${folder}/`);
    if (line.split("\0").some(isIts)) end(Number(entry));
  }
};

const end = (pid: number): void => {
  try {
    process.kill(pid);
  } catch {
    // It has ended meanwhile.
  }
};
