import { sha256Base64url } from "../../../src/core/hash.ts";
import type { FacadePerson } from "./subject/person.ts";

/** Where what is known of one question stands. */
export interface PushPlaces {
  /** Of the person and the target: one push is open at a time, whichever session asks. */
  readonly key: string;
  /** Of the session as well, which an approval is for. */
  readonly approved: string;
  readonly asker: string;
}

/** A token that names no session stands for itself alone. */
export const placesOf = async (
  { sessionId, subject, token }: FacadePerson,
  target: string,
): Promise<PushPlaces> => {
  const asker = JSON.stringify(
    sessionId === undefined ? { token: await sha256Base64url(token.reveal()) } : { session: sessionId },
  );
  const key = JSON.stringify([subject, target]);
  return { key, approved: `approved:${JSON.stringify([asker, key])}`, asker };
};
