import { Secret } from "../secret.ts";
import type { Grant } from "./grant.ts";
import { resolvePointer } from "./pointer.ts";
import { textAt, type Reply } from "./reply.ts";
import type { Ask, SourcePorts } from "./source.ts";

const keyOf = (ask: Ask): string => `deferral ${ask.connector.id}`;

/** The code of a deferred answer (OAuth Deferred Token Response), which polls send in place of the question. */
export const deferralCode = (ask: Ask, ports: SourcePorts): Secret | undefined =>
  ports.keeper?.get(ask.session.id, keyOf(ask), ports.clock.now())?.value;

/** Keeps the code while the answer is still to come; any other answer ends it. */
export const learnDeferral = (
  grant: Grant,
  reply: Reply,
  used: Secret | undefined,
  ask: Ask,
  ports: SourcePorts,
): void => {
  if (grant.kind === "unavailable") return;
  const given = textAt(resolvePointer(reply.body, "/deferral_code"));
  const value = given === undefined ? used : new Secret(given);
  const expiresAtMs = endOfWait(grant);
  if (value === undefined || expiresAtMs === undefined) ports.keeper?.drop(ask.session.id, keyOf(ask));
  else ports.keeper?.put(ask.session.id, keyOf(ask), { value, expiresAtMs });
};

const endOfWait = (grant: Grant): number | undefined => {
  if (grant.kind === "pending" || grant.kind === "needsConnection") return grant.expiresAtMs;
  return grant.kind === "stepUp" && grant.how.kind !== "reauthenticate" ? grant.how.expiresAtMs : undefined;
};
