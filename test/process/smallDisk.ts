import { execFileSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Whether a file system of its own can be mounted here. */
export const canMount = process.getuid?.() === 0 && process.platform === "linux";

/** A disk that is soon full, mounted over a folder. */
export class SmallDisk {
  #folder: string | undefined;
  #isFull = false;

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Not where nothing can be mounted: then nothing is ever full. */
  mount(folder: string): void {
    if (!canMount) return;
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", folder]);
    this.#folder = folder;
  }

  async fill(): Promise<void> {
    if (this.#folder === undefined) return;
    this.#isFull = true;
    // What does not fit is why it is written.
    for (const { bytes, name } of fillers)
      await writeFile(join(this.#folder, name), Buffer.alloc(bytes)).catch(() => undefined);
  }

  async free(): Promise<void> {
    this.#isFull = false;
    if (this.#folder === undefined) return;
    for (const { name } of fillers) await rm(join(this.#folder, name), { force: true });
  }

  unmount(): void {
    if (this.#folder !== undefined) execFileSync("umount", ["-l", this.#folder]);
    this.#folder = undefined;
  }
}

const fillers = [1 << 20, 1 << 16, 1 << 12, 256].flatMap((bytes) =>
  Array.from({ length: 64 }, (_, part) => ({ bytes, name: `filler-${bytes}-${part}` })),
);
