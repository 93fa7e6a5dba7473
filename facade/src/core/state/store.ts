/** What instances of one facade share, or one alone keeps: small texts that end by themselves, none of them a token. */
export interface FacadeStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, lifeMs: number): Promise<void>;
  /** Sets what is not there yet. @returns false where it is: the one who asks comes second. */
  add(key: string, value: string, lifeMs: number): Promise<boolean>;
  delete(key: string): Promise<void>;
}
