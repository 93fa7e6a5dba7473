import { Secret } from "../secret.ts";
import type { Declaration } from "./declaration.ts";
import type { Grant } from "./grant.ts";
import type { Kept } from "./keeper.ts";
import { resolvePointer } from "./pointer.ts";
import { textAt, type Reply } from "./reply.ts";
import type { Ask, SourcePorts } from "./source.ts";

type Deferred = NonNullable<Declaration["deferred"]>;

const defaultOfferMs = 5 * 60 * 1000;

const keyOf = (ask: Ask): string => `deferral ${ask.connector.id}`;

/**
 * The code of an answer that is still to come (OAuth Deferred Token Response, a Vault control group), which polls
 * send in place of the question.
 */
export const keptDeferral = (ask: Ask, ports: SourcePorts): Kept | undefined =>
  ports.keeper?.get(ask.session.id, keyOf(ask), ports.clock.now());

/**
 * Keeps the code while the answer is still to come; any other answer ends it. Without another code the offer ends
 * when the first reply said, however long the polls go on.
 */
export const learnDeferral = (
  grant: Grant,
  reply: Reply,
  deferred: Deferred,
  used: Kept | undefined,
  ask: Ask,
  ports: SourcePorts,
): Grant => {
  if (grant.kind === "unavailable") return grant;
  const { keeper, clock } = ports;
  const code = textAt(resolvePointer(reply.body, deferred.code));
  const wait = waitOf(grant);
  if (wait === undefined || (code === undefined && used === undefined)) {
    keeper?.drop(ask.session.id, keyOf(ask));
    return grant;
  }
  if (code === undefined) return used === undefined ? grant : endingBy(grant, used.expiresAtMs);
  const expiresAtMs = wait.expiresAtMs ?? clock.now() + defaultOfferMs;
  keeper?.put(ask.session.id, keyOf(ask), { value: new Secret(code), expiresAtMs });
  return grant;
};

/** The part of a grant that says when its wait ends; `undefined` for a grant that waits for nobody. */
const waitOf = (grant: Grant): { readonly expiresAtMs?: number } | undefined => {
  if (grant.kind === "pending" || grant.kind === "needsConnection") return grant;
  return grant.kind === "stepUp" && grant.how.kind !== "reauthenticate" ? grant.how : undefined;
};

const endingBy = (grant: Grant, limitMs: number): Grant => {
  if (grant.kind === "pending" || grant.kind === "needsConnection") {
    return { ...grant, expiresAtMs: Math.min(grant.expiresAtMs ?? limitMs, limitMs) };
  }
  if (grant.kind !== "stepUp" || grant.how.kind === "reauthenticate") return grant;
  return {
    ...grant,
    how: { ...grant.how, expiresAtMs: Math.min(grant.how.expiresAtMs ?? limitMs, limitMs) },
  };
};
