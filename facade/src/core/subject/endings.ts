import type { Clock } from "../../../../src/core/ports.ts";
import type { FacadeStore } from "../state/store.ts";
import type { FacadePerson } from "./person.ts";

/** Longer than any access token should live. */
const lifeMs = 24 * 60 * 60_000;

/** Sessions that the identity provider has said are over, so that nobody has to ask it. */
export interface Endings {
  /** All of a person's sessions so far, or one: with it end the person's tokens that do not say of which they are. */
  end(what: { readonly subject?: string; readonly sessionId?: string }): Promise<void>;
  isOver(person: FacadePerson): Promise<boolean>;
}

export const endingsIn = ({
  store,
  clock,
}: {
  readonly store: FacadeStore;
  readonly clock: Clock;
}): Endings => ({
  end: async ({ subject, sessionId }) => {
    const now = String(Math.floor(clock.now() / 1000));
    if (sessionId !== undefined) await store.set(`ended-session:${sessionId}`, now, lifeMs);
    if (subject === undefined) return;
    const what = sessionId === undefined ? "person" : "sessionless";
    await store.set(`ended-${what}:${subject}`, now, lifeMs);
  },
  isOver: async ({ subject, sessionId, issuedAtSeconds }) => {
    const isEnded = async (name: string): Promise<boolean> => {
      const endedSeconds = await store.get(name);
      return endedSeconds !== undefined && issuedAtSeconds <= Number(endedSeconds);
    };
    if (await isEnded(`ended-person:${subject}`)) return true;
    if (sessionId === undefined) return isEnded(`ended-sessionless:${subject}`);
    return (await store.get(`ended-session:${sessionId}`)) !== undefined;
  },
});
