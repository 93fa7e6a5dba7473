import { readdir, readFile } from "node:fs/promises";

/**
 * Ends what a client has left running in the background for this folder, such as Cline's hub: by the folder as an argument
 * of its own, which no other test's process has. Where there is no /proc it finds none.
 */
export const endDaemonsOf = async (folder: string): Promise<void> => {
  const entries = await readdir("/proc").catch((): string[] => []);
  for (const entry of entries.filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (line.split("\0").includes(folder)) end(Number(entry));
  }
};

const end = (pid: number): void => {
  try {
    process.kill(pid);
  } catch {
    // It has ended meanwhile.
  }
};
