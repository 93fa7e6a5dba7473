import type { SessionChanges } from "./changes.ts";
import type { IdentityKit } from "./kit.ts";
import { endedFrom, type LiveRecord } from "./records.ts";
import type { Refresher } from "./refresh.ts";
import { revokeTokens } from "./revocation.ts";
import type { SignOutOutcome } from "./session.ts";

/**
 * Ends a session on a person's wish: void here at once, wiped in every window, then revoked at the IdP.
 * @throws LanyardError `storageFailed` when the storage would not let go of it; it is revoked all the same.
 */
export const signOut = async (
  parts: { readonly kit: IdentityKit; readonly refresher: Refresher; readonly changes: SessionChanges },
  id: string,
): Promise<SignOutOutcome> => {
  const { kit, refresher, changes } = parts;
  const stored = await kit.store.read(id);
  if (stored.kind !== "live") return { kind: "unknownSession" };
  refresher.invalidate(id);
  const wiping = wipe(kit, id, stored.record).finally(() => changes.look(id));
  const [revoking, wiped] = await Promise.allSettled([revokeTokens(kit, stored.record), wiping]);
  if (wiped.status === "rejected") throw wiped.reason;
  const revoked = revoking.status === "fulfilled" && revoking.value;
  kit.log.info("identity.signedOut", { session: id, revoked });
  return { kind: "signedOut", revoked };
};

/** Overwrites the tokens with the fact that they are gone, which other windows read; removes them where that fails. */
const wipe = async (kit: IdentityKit, id: string, record: LiveRecord): Promise<void> => {
  try {
    await kit.store.write(endedFrom(record, "never", kit.clock.now()));
  } catch {
    await kit.store.remove(id);
  }
};
