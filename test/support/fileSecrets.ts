import { readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Emitter } from "../../src/core/emitter.ts";
import type { MemoryPort, SecretsPort } from "../../src/core/ports.ts";

export interface FileStore {
  readonly secrets: SecretsPort;
  readonly memory: MemoryPort;
  dispose(): void;
}

/**
 * The editor's storage as several windows have it: each keeps a view of its own, and sees what another wrote only
 * `delayMs` later. No compare-and-swap, the last writer wins.
 */
export const fileStore = (folder: string, delayMs: number): FileStore => {
  const view = new Map<string, string>();
  const changes = new Emitter<{ readonly key: string }>();
  const timers = new Set<NodeJS.Timeout>();
  const nameOf = (key: string): string => encodeURIComponent(key);
  const look = (name: string): void => {
    const key = decodeURIComponent(name);
    const value = read(join(folder, name));
    if (value === view.get(key)) return;
    if (value === undefined) view.delete(key);
    else view.set(key, value);
    changes.fire({ key });
  };
  const watcher = watch(folder, (_kind, name) => {
    if (name === null || name.endsWith(".draft")) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      look(name);
    }, delayMs);
    timers.add(timer);
  });
  for (const name of readdirSync(folder)) look(name);
  const write = (key: string, value: string | undefined): void => {
    const path = join(folder, nameOf(key));
    if (value === undefined) {
      view.delete(key);
      rmSync(path, { force: true });
    } else {
      view.set(key, value);
      writeFileSync(`${path}.${process.pid}.draft`, value, { mode: 0o600 });
      renameSync(`${path}.${process.pid}.draft`, path);
    }
    changes.fire({ key });
  };
  return {
    secrets: {
      get: (key) => Promise.resolve(view.get(key)),
      store: (key, value) => done(() => write(key, value)),
      delete: (key) => done(() => write(key, undefined)),
      onDidChange: changes.event,
    },
    memory: {
      get: (key) => {
        const text = view.get(`memory.${key}`);
        return text === undefined ? undefined : (JSON.parse(text) as unknown);
      },
      update: (key, value) =>
        done(() => write(`memory.${key}`, value === undefined ? undefined : JSON.stringify(value))),
    },
    dispose() {
      watcher.close();
      for (const timer of timers) clearTimeout(timer);
      changes.dispose();
    },
  };
};

const done = (act: () => void): Promise<void> => {
  act();
  return Promise.resolve();
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};
