import * as z from "zod";
import type { Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";
import { hasCode, LanyardError } from "../../errors.ts";
import type { Ports, StorageWait } from "../../ports.ts";
import { Secret } from "../../secret.ts";
import { formatRecord, parseRecord, recordId, type EndedRecord, type LiveRecord } from "./records.ts";
import { sessionIndexKey as indexKey, sessionKeyPrefix as keyPrefix } from "./sessionKeys.ts";

const indexEntry = z.object({ id: z.string().min(1), issuer: z.string(), clientId: z.string() });
const sessionIndex = z.object({ version: z.literal(1), sessions: z.array(indexEntry) });
type IndexEntry = z.infer<typeof indexEntry>;

/** What lies under one id. `lost`: it was stored, and the storage no longer has it or cannot read it. */
export type Stored =
  | { readonly kind: "live"; readonly id: string; readonly record: LiveRecord }
  | { readonly kind: "ended"; readonly id: string; readonly record: EndedRecord }
  | { readonly kind: "lost"; readonly id: string; readonly issuer: string; readonly clientId: string }
  | { readonly kind: "absent"; readonly id: string };

/**
 * The sessions in secret storage, one record each. A list of their ids lies beside them, for all profiles of the editor;
 * the same list in plain memory, of which each profile has its own, tells a storage that forgot from one that never held
 * anything.
 */
export class SessionStore implements Disposable {
  readonly #ports: Pick<Ports, "secrets" | "memory" | "log">;
  readonly #changes = new Emitter<{ readonly id: string }>();
  readonly #subscription: Disposable;
  /** Ids that other windows wrote: their index entries may reach this window later than their records. */
  readonly #seen = new Set<string>();
  /** The list in secret storage as it was read last; asked for anew once somebody has changed it. */
  #listed: { readonly list: readonly IndexEntry[] | undefined } | undefined;
  #listChanges = 0;
  /** What was last made of each record's text: the storage is asked every time, the text is taken apart once. */
  readonly #parsed = new Map<string, { readonly text: Secret; readonly stored: Stored }>();

  constructor(ports: Pick<Ports, "secrets" | "memory" | "log">) {
    this.#ports = ports;
    this.#subscription = ports.secrets.onDidChange(({ key }) => {
      if (key === indexKey) this.#forgetListed();
      if (!key.startsWith(keyPrefix)) return;
      const id = key.slice(keyPrefix.length);
      this.#seen.add(id);
      this.#parsed.delete(id);
      this.#changes.fire({ id });
    });
  }

  /** A record was written or removed, here or in another window. */
  readonly onDidChange = this.#changes.event;

  /** @throws LanyardError `storageFailed` */
  async read(id: string, wait?: StorageWait): Promise<Stored> {
    const text = await this.#guard("read", () => this.#ports.secrets.get(keyPrefix + id, wait));
    const known = this.#parsed.get(id);
    if (known !== undefined && known.text.reveal() === text) return known.stored;
    this.#parsed.delete(id);
    const record = text === undefined ? undefined : parseRecord(text);
    if (text !== undefined && record !== undefined && (await recordId(record)) === id) {
      this.#parsed.set(id, { text: new Secret(text), stored: stored(id, record) });
      return stored(id, record);
    }
    if (text !== undefined) this.#ports.log.warn("identity.record.unreadable", { id });
    const entry = this.#index().find((candidate) => candidate.id === id);
    if (entry === undefined || (await this.#isRemoved(id, wait))) return { kind: "absent", id };
    return { kind: "lost", id, issuer: entry.issuer, clientId: entry.clientId };
  }

  /** @throws LanyardError `storageFailed` */
  async all(wait?: StorageWait): Promise<readonly Stored[]> {
    const listed = (await this.#list(wait)) ?? [];
    const ids = new Set([...[...listed, ...this.#index()].map(({ id }) => id), ...this.#seen]);
    return Promise.all([...ids].map((id) => this.read(id, wait)));
  }

  /**
   * Keeps a record under its id; the promise resolves when the storage has it.
   * @throws LanyardError `storageFailed`, or `badReply` for a record that breaks its own rules
   */
  async write(record: LiveRecord | EndedRecord, wait?: StorageWait): Promise<string> {
    const id = await recordId(record);
    const text = formatRecord(record);
    await this.#guard("store", () => this.#ports.secrets.store(keyPrefix + id, text, wait));
    const { issuer, clientId } = record;
    await this.#note({ id, issuer, clientId });
    return id;
  }

  /**
   * Removes a record and its trace in the index.
   * @throws LanyardError `storageFailed`
   */
  async remove(id: string): Promise<void> {
    this.#seen.delete(id);
    this.#parsed.delete(id);
    const isOther = (entry: IndexEntry): boolean => entry.id !== id;
    await this.#remember(this.#index().filter(isOther), async () => (await this.#list())?.filter(isOther));
    await this.#guard("delete", () => this.#ports.secrets.delete(keyPrefix + id));
  }

  /** Removes the list as well, after the last record. @throws LanyardError `storageFailed` */
  async forgetList(): Promise<void> {
    await this.#guard("delete", () => this.#ports.secrets.delete(indexKey));
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#parsed.clear();
    this.#changes.dispose();
  }

  #index(): readonly IndexEntry[] {
    const parsed = sessionIndex.safeParse(this.#ports.memory.get(indexKey));
    return parsed.success ? parsed.data.sessions : [];
  }

  /** The list for all profiles; undefined where no profile has written it, or the storage forgot it. */
  async #list(wait?: StorageWait): Promise<readonly IndexEntry[] | undefined> {
    if (this.#listed !== undefined) return this.#listed.list;
    const changes = this.#listChanges;
    const list = indexIn(await this.#guard("read", () => this.#ports.secrets.get(indexKey, wait)));
    if (changes === this.#listChanges) this.#listed = { list };
    return list;
  }

  #forgetListed(): void {
    this.#listChanges += 1;
    this.#listed = undefined;
  }

  /** It is in this profile's list alone: another profile has removed it. */
  async #isRemoved(id: string, wait: StorageWait | undefined): Promise<boolean> {
    const listed = await this.#list(wait);
    return listed !== undefined && !listed.some((entry) => entry.id === id);
  }

  async #note(entry: IndexEntry): Promise<void> {
    const index = withEntry(this.#index(), entry);
    await this.#remember(index, async () => {
      const listed = await this.#list();
      return listed === undefined ? (index ?? this.#index()) : withEntry(listed, entry);
    });
  }

  /** What is undefined stays as it is. Where it fails, the records themselves are there all the same. */
  async #remember(
    index: readonly IndexEntry[] | undefined,
    forAll: () => Promise<readonly IndexEntry[] | undefined>,
  ): Promise<void> {
    try {
      if (index !== undefined) await this.#ports.memory.update(indexKey, { version: 1, sessions: index });
      const list = await forAll();
      if (list === undefined) return;
      this.#forgetListed();
      await this.#ports.secrets.store(indexKey, JSON.stringify({ version: 1, sessions: list }));
    } catch {
      this.#ports.log.warn("identity.index.failed");
    }
  }

  async #guard<T>(operation: "read" | "store" | "delete", work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      this.#ports.log.error("identity.storage.failed", { operation });
      if (hasCode(cause, "storageFailed")) throw cause;
      throw new LanyardError("storageFailed", "The editor's secret storage does not work.", { cause });
    }
  }
}

/** @returns undefined where it is there already. */
const withEntry = (list: readonly IndexEntry[], entry: IndexEntry): readonly IndexEntry[] | undefined =>
  list.some(({ id }) => id === entry.id) ? undefined : [...list, entry];

const indexIn = (text: string | undefined): readonly IndexEntry[] | undefined => {
  const parsed = sessionIndex.safeParse(jsonIn(text));
  return parsed.success ? parsed.data.sessions : undefined;
};

const jsonIn = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

const stored = (id: string, record: LiveRecord | EndedRecord): Stored =>
  record.kind === "live" ? { kind: "live", id, record } : { kind: "ended", id, record };
