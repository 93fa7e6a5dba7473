import type { SessionChanges } from "../sessions/changes.ts";
import type { IdentityContext } from "../context.ts";
import { endedFrom, type LiveRecord } from "../sessions/records.ts";
import type { Refresher } from "../refresh/refresh.ts";
import { revokeTokens } from "./revocation.ts";
import type { SignOutOutcome } from "../session.ts";
import { browserSessionOf } from "./browserSession.ts";

/**
 * Ends a session on a person's wish: void here at once, wiped in every window, then revoked at the IdP.
 * @throws LanyardError `storageFailed` when the storage would not let go of it; it is revoked all the same.
 */
export const signOut = async (
  parts: { readonly kit: IdentityContext; readonly refresher: Refresher; readonly changes: SessionChanges },
  id: string,
): Promise<SignOutOutcome> => {
  const { kit: context, refresher, changes } = parts;
  const stored = await context.store.read(id);
  if (stored.kind !== "live") return { kind: "unknownSession" };
  refresher.invalidate(id);
  const { record } = stored;
  const wiping = wipe(context, id, record).finally(() => changes.look(id));
  const [revoking, looking, wiped] = await Promise.allSettled([
    revokeTokens(context, record),
    browserSessionOf(context, record),
    wiping,
  ]);
  if (wiped.status === "rejected") throw wiped.reason;
  const revoked = revoking.status === "fulfilled" && revoking.value;
  context.log.info("identity.signedOut", { session: id, revoked });
  const browserSession = looking.status === "fulfilled" ? looking.value : undefined;
  return { kind: "signedOut", revoked, ...(browserSession === undefined ? {} : { browserSession }) };
};

/** Overwrites the tokens with the fact that they are gone, which other windows read; removes them where that fails. */
const wipe = async (context: IdentityContext, id: string, record: LiveRecord): Promise<void> => {
  try {
    await context.store.write(endedFrom(record, "never", context.clock.now()));
  } catch {
    await context.store.remove(id);
  }
};
