import * as z from "zod";
import type { Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";
import { LanyardError } from "../../errors.ts";
import type { Ports } from "../../ports.ts";
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
 * The sessions in secret storage, one record each. A list of their ids lies in plain memory beside them: it tells a
 * storage that forgot from one that never held anything.
 */
export class SessionStore implements Disposable {
  readonly #ports: Pick<Ports, "secrets" | "memory" | "log">;
  readonly #changes = new Emitter<{ readonly id: string }>();
  readonly #subscription: Disposable;
  /** Ids that other windows wrote: their index entries may reach this window later than their records. */
  readonly #seen = new Set<string>();
  /** What was last made of each record's text: the storage is asked every time, the text is taken apart once. */
  readonly #parsed = new Map<string, { readonly text: Secret; readonly stored: Stored }>();

  constructor(ports: Pick<Ports, "secrets" | "memory" | "log">) {
    this.#ports = ports;
    this.#subscription = ports.secrets.onDidChange(({ key }) => {
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
  async read(id: string): Promise<Stored> {
    const text = await this.#guard("read", () => this.#ports.secrets.get(keyPrefix + id));
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
    if (entry === undefined) return { kind: "absent", id };
    return { kind: "lost", id, issuer: entry.issuer, clientId: entry.clientId };
  }

  /** @throws LanyardError `storageFailed` */
  async all(): Promise<readonly Stored[]> {
    const ids = new Set([...this.#index().map(({ id }) => id), ...this.#seen]);
    return Promise.all([...ids].map((id) => this.read(id)));
  }

  /**
   * Keeps a record under its id; the promise resolves when the storage has it.
   * @throws LanyardError `storageFailed`, or `badReply` for a record that breaks its own rules
   */
  async write(record: LiveRecord | EndedRecord): Promise<string> {
    const id = await recordId(record);
    const text = formatRecord(record);
    await this.#guard("store", () => this.#ports.secrets.store(keyPrefix + id, text));
    const known = this.#index();
    if (!known.some((entry) => entry.id === id)) {
      const { issuer, clientId } = record;
      await this.#remember([...known, { id, issuer, clientId }]);
    }
    return id;
  }

  /**
   * Removes a record and its trace in the index.
   * @throws LanyardError `storageFailed`
   */
  async remove(id: string): Promise<void> {
    this.#seen.delete(id);
    this.#parsed.delete(id);
    await this.#remember(this.#index().filter((entry) => entry.id !== id));
    await this.#guard("delete", () => this.#ports.secrets.delete(keyPrefix + id));
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

  async #remember(sessions: readonly IndexEntry[]): Promise<void> {
    try {
      await this.#ports.memory.update(indexKey, { version: 1, sessions });
    } catch {
      // The record itself is kept; without the index entry, losing it reads as never having been signed in.
      this.#ports.log.warn("identity.index.failed");
    }
  }

  async #guard<T>(operation: "read" | "store" | "delete", work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      this.#ports.log.error("identity.storage.failed", { operation });
      throw new LanyardError("storageFailed", "The editor's secret storage does not work.", { cause });
    }
  }
}

const stored = (id: string, record: LiveRecord | EndedRecord): Stored =>
  record.kind === "live" ? { kind: "live", id, record } : { kind: "ended", id, record };
