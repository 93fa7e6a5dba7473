import * as z from "zod";
import { inBackground } from "../background.ts";
import type { Disposable } from "../disposable.ts";
import { Emitter } from "../emitter.ts";
import type { Clock, Log, SecretsPort, StorageWait } from "../ports.ts";

/** What windows seal with what they tell each other; it stands in the secret storage. */
export const sealingKey = "lanyard.windows.key";

const told = z.object({
  key: z.string(),
  /** Absent when it was deleted. */
  value: z.string().exactOptional(),
  atMs: z.number(),
});
type Told = z.infer<typeof told>;

export interface MirrorParts {
  readonly secrets: SecretsPort;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Secret storage for editors in which each window has a copy of its own and hears nothing of the others: VS Code in a
 * browser. What is stored here is told to the other windows, sealed with a key that lies in the same storage, and what
 * they tell is stored here. So a session that one window renews does not stay behind in the others.
 */
export class SecretsMirror implements SecretsPort, Disposable {
  readonly #parts: MirrorParts;
  readonly #tell = new Emitter<string>();
  /** What was stored since this window opened, by whichever window: the later counts. */
  readonly #known = new Map<string, Told>();
  #key: Promise<CryptoKey> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  readonly onDidChange: SecretsPort["onDidChange"];
  /** Something for the other windows, sealed. */
  readonly onTell = this.#tell.event;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    this.onDidChange = parts.secrets.onDidChange;
  }

  /** Makes the key that seals before another window can want it. Never rejects. */
  prepare(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#sealingKey();
    });
  }

  get(key: string, wait?: StorageWait): Promise<string | undefined> {
    return this.#parts.secrets.get(key, wait);
  }

  /** Told even where this window's own copy cannot be written: a rotated session that is lost is a session that ends. */
  async store(key: string, value: string, wait?: StorageWait): Promise<void> {
    const atMs = this.#laterThanKnown(key);
    await this.#parts.secrets.store(key, value, wait).finally(() => this.#learn({ key, value, atMs }));
  }

  async delete(key: string): Promise<void> {
    const atMs = this.#laterThanKnown(key);
    await this.#parts.secrets.delete(key).finally(() => this.#learn({ key, atMs }));
  }

  /** Tells all that is known once more: a window has come. */
  retell(): void {
    for (const each of this.#known.values()) this.#send(each);
  }

  /** Stores what another window tells, unless something later is known. Never rejects. */
  take(sealed: string): Promise<void> {
    return this.#inTurn(async () => {
      const { secrets, log } = this.#parts;
      const news = await open(sealed, await this.#sealingKey());
      if (news === undefined) {
        // It was sealed in a window that did not share its storage with this one, and still does not.
        log.warn("secrets.unreadable");
        return;
      }
      const known = this.#known.get(news.key);
      if (known !== undefined && known.atMs >= news.atMs) return;
      this.#known.set(news.key, news);
      if (news.value === undefined) await secrets.delete(news.key);
      else await secrets.store(news.key, news.value);
    });
  }

  dispose(): void {
    this.#tell.dispose();
    this.#known.clear();
  }

  /** Two stores in one millisecond, or under a clock that was set back, keep their order. */
  #laterThanKnown(key: string): number {
    return Math.max(this.#parts.clock.now(), (this.#known.get(key)?.atMs ?? 0) + 1);
  }

  #learn(news: Told): void {
    this.#known.set(news.key, news);
    this.#send(news);
  }

  #send(news: Told): void {
    inBackground("secrets.mirror", () =>
      this.#inTurn(async () => this.#tell.fire(await seal(news, await this.#sealingKey()))),
    );
  }

  /** In the order in which it was asked for: of two stores the second is the one that stays. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work).catch(() => this.#parts.log.warn("secrets.mirror.failed"));
    this.#turn = turn;
    return turn;
  }

  #sealingKey(): Promise<CryptoKey> {
    this.#key ??= loadKey(this.#parts.secrets).catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }
}

const algorithm = "AES-GCM";
const nonceBytes = 12;

const loadKey = async (secrets: SecretsPort): Promise<CryptoKey> => {
  const stored = await secrets.get(sealingKey);
  const bytes = stored === undefined ? crypto.getRandomValues(new Uint8Array(32)) : fromBase64(stored);
  if (stored === undefined) await secrets.store(sealingKey, toBase64(bytes));
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["encrypt", "decrypt"]);
};

const seal = async (news: Told, key: CryptoKey): Promise<string> => {
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const text = new TextEncoder().encode(JSON.stringify(told.parse(news)));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: algorithm, iv }, key, text));
  return `${toBase64(iv)}.${toBase64(sealed)}`;
};

const open = async (sealed: string, key: CryptoKey): Promise<Told | undefined> => {
  const [iv = "", text = ""] = sealed.split(".");
  try {
    const opened = await crypto.subtle.decrypt(
      { name: algorithm, iv: fromBase64(iv) },
      key,
      fromBase64(text),
    );
    return told.parse(JSON.parse(new TextDecoder().decode(opened)));
  } catch {
    return undefined;
  }
};

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
