import type { Disposable } from "../../../../src/core/disposable.ts";

/**
 * What instances of one facade share, or one alone keeps: small texts that end by themselves, and none from which a token
 * could be read without what its owner holds. It rejects where it cannot be reached: nothing is granted on a guess.
 */
export interface FacadeStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, lifeMs: number): Promise<void>;
  /** Sets what is not there yet. @returns false where it is: the one who asks comes second. */
  add(key: string, value: string, lifeMs: number): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** Lets `most` pass at once, and then one each `everyMs`. @returns the milliseconds to wait, 0 where it may pass now */
  pass(key: string, everyMs: number, most: number): Promise<number>;
  /** Adds to what somebody is told; the last `most` are kept, so long after the last of them. */
  append(
    person: string,
    text: string,
    terms: { readonly most: number; readonly lifeMs: number },
  ): Promise<void>;
  read(person: string): Promise<PersonsLog>;
  /** Hears of whose log has grown, at whichever instance; of nobody in particular where some may have been missed. */
  onAppended(listener: (person: string | undefined) => void): Disposable;
}

/** What one person is told, oldest first; places count over all people. */
export interface PersonsLog {
  /** Another where places are counted anew. */
  readonly epoch: string;
  /** The place of the newest entry of all. */
  readonly last: number;
  readonly entries: readonly { readonly at: number; readonly text: string }[];
}

/**
 * The generic cell rate algorithm: each that passes moves the time on from which the next would have to wait.
 * @returns that time, or how long to wait
 */
export const passedAt = (
  nowMs: number,
  fromMs: number | undefined,
  everyMs: number,
  most: number,
): { readonly fromMs: number } | { readonly waitMs: number } => {
  const next = Math.max(fromMs ?? nowMs, nowMs) + everyMs;
  const waitMs = next - nowMs - everyMs * most;
  return waitMs > 0 ? { waitMs: Math.ceil(waitMs) } : { fromMs: next };
};
