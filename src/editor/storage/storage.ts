import * as vscode from "vscode";
import type { DisposableStore } from "../../core/disposable.ts";
import { LanyardError } from "../../core/errors.ts";
import type { Clock, Log, MemoryPort, SecretsPort } from "../../core/ports.ts";
import { BoundedSecrets } from "../../core/secrets/bounded.ts";
import type { SecretsMirror } from "../../core/secrets/mirror.ts";

/** The editor's secret storage as Lanyard uses it. */
export interface SecretStorage {
  readonly secrets: SecretsPort;
  /** Beneath `secrets`: tells whether the storage works. */
  readonly bounded: BoundedSecrets;
  /** Where the editor does not tell its windows of each other's secrets. */
  readonly mirror?: SecretsMirror;
}

export const openSecretStorage = async (
  storage: vscode.SecretStorage,
  owned: DisposableStore,
  ports: { readonly clock: Clock; readonly log: Log },
): Promise<SecretStorage> => {
  const bounded = owned.add(new BoundedSecrets(secretsOf(storage), ports.clock));
  if (vscode.env.uiKind !== vscode.UIKind.Web) return { secrets: bounded, bounded };
  const { SecretsMirror } = await import("../../core/secrets/mirror.ts");
  const mirror = owned.add(new SecretsMirror({ ...ports, secrets: bounded }));
  return { secrets: mirror, bounded, mirror };
};

/** SecretStorage as core sees it. A storage that refuses is an error; one that forgets cannot be told from an empty one. */
const secretsOf = (storage: vscode.SecretStorage): SecretsPort => ({
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
