import type * as vscode from "vscode";
import { LanyardError } from "../core/errors.ts";
import type { MemoryPort, SecretsPort } from "../core/ports.ts";

/** SecretStorage as core sees it. A storage that refuses is an error; one that forgets cannot be told from an empty one. */
export const secretsOf = (storage: vscode.SecretStorage): SecretsPort => ({
  get: async (key) => await orFail(storage.get(key)),
  store: async (key, value) => await orFail(storage.store(key, value)),
  delete: async (key) => await orFail(storage.delete(key)),
  onDidChange: (listener) => storage.onDidChange(({ key }) => listener({ key })),
});

export const memoryOf = (memento: vscode.Memento): MemoryPort => ({
  get: (key) => memento.get<unknown>(key),
  update: async (key, value) => {
    await memento.update(key, value);
  },
});

const orFail = async <T>(work: Thenable<T>): Promise<T> => {
  try {
    return await work;
  } catch (cause) {
    throw new LanyardError("storageFailed", "The editor's secret storage refused.", { cause });
  }
};
