import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Disposable } from "../../core/disposable.ts";

/** Tells when a file comes, goes or changes; never, where files cannot be watched. */
export const watchFile = (file: string, onChange: () => void): Disposable => {
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_kind, name) => {
      if (name === null || name === basename(file)) onChange();
    });
    watcher.on("error", () => watcher.close());
    return { dispose: () => watcher.close() };
  } catch {
    return { dispose: () => undefined };
  }
};
