import { CompactEncrypt, compactDecrypt, errors } from "jose";
import * as z from "zod";
import { sha256Base64url } from "../../../src/core/hash.ts";
import type { Clock } from "../../../src/core/ports.ts";
import type { FacadeStore } from "./state/store.ts";
import type { FacadePerson } from "./subject/person.ts";

const deferred = z.object({
  token: z.string(),
  tokenKind: z.enum(["access_token", "id_token"]),
  target: z.string(),
});
/** A question that is asked by a code. The token in it is verified anew each time. */
export type DeferredQuestion = z.output<typeof deferred>;

/**
 * Questions that are answered later, by a code that stands for the user's token. They are sealed with the code, which
 * nobody keeps here: who reads the store reads no token.
 */
export class Deferrals {
  readonly #store: FacadeStore;
  readonly #clock: Clock;

  constructor(store: FacadeStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @returns the code, which is good as long as the token */
  async add({ token, tokenKind, expiresAtSeconds }: FacadePerson, target: string): Promise<string> {
    const code = crypto.randomUUID() + crypto.randomUUID();
    const question: DeferredQuestion = { token: token.reveal(), tokenKind, target };
    const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(question)))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(await keyOf(code));
    const lifeMs = expiresAtSeconds * 1000 - this.#clock.now();
    if (lifeMs > 0) await this.#store.set(await nameOf(code), sealed, lifeMs);
    return code;
  }

  async find(code: string): Promise<DeferredQuestion | undefined> {
    const sealed = await this.#store.get(await nameOf(code));
    if (sealed === undefined) return undefined;
    try {
      const { plaintext } = await compactDecrypt(sealed, await keyOf(code));
      return deferred.parse(JSON.parse(new TextDecoder().decode(plaintext)));
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  async drop(code: string): Promise<void> {
    await this.#store.delete(await nameOf(code));
  }
}

const nameOf = async (code: string): Promise<string> => `deferred:${await sha256Base64url(`name ${code}`)}`;

const keyOf = async (code: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`key ${code}`)));
