import type { FacadeStore } from "./state/store.ts";

/** Lets each person ask so often a minute, a minute's worth at once. */
export type Limit = (subject: string) => Promise<number | undefined>;

/** @returns what says after how many seconds they may ask again, or undefined where they may now */
export const limitOf =
  (perMinute: number, store: FacadeStore): Limit =>
  async (subject) => {
    const waitMs = await store.pass(`asked:${subject}`, 60_000 / perMinute, perMinute);
    return waitMs === 0 ? undefined : Math.max(1, Math.ceil(waitMs / 1000));
  };
