import type { Clock } from "../../../../src/core/ports.ts";
import { Ending } from "../state/ending.ts";
import type { FacadePerson } from "./person.ts";
import type { Verified } from "./verify.ts";

type Verify = (token: string, tokenKind: FacadePerson["tokenKind"]) => Promise<Verified>;

/** A key that the issuer takes back is believed for so much longer. */
const believedMs = 30_000;

/** Looks at the signature of the same token once in a while: most of what a question costs. What was refused is looked at anew. */
export const remembering = (verify: Verify, clock: Clock): Verify => {
  const people = new Ending<Verified>(clock);
  return async (token, tokenKind) => {
    const name = `${tokenKind} ${token}`;
    const known = people.get(name);
    if (known !== undefined) return known;
    const verified = await verify(token, tokenKind);
    if (verified.kind !== "person") return verified;
    const leftMs = verified.person.expiresAtSeconds * 1000 - clock.now();
    people.put(name, verified, Math.min(believedMs, leftMs));
    return verified;
  };
};
