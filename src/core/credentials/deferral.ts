import { Secret } from "../secret.ts";
import type { Declaration } from "./declaration.ts";
import type { Grant } from "./grant.ts";
import { keyOfEntry, type CachedValue } from "./sessionCache.ts";
import { resolvePointer } from "./request/pointer.ts";
import { textAt, type VaultReply } from "./reply/reply.ts";
import type { SourceQuery, SourcePorts } from "./source.ts";

type Deferred = NonNullable<Declaration["deferred"]>;

const defaultOfferMs = 5 * 60 * 1000;

const keyOf = ({ connector }: SourceQuery): string => keyOfEntry("deferral", connector);

/**
 * The code of an answer that is still to come (OAuth Deferred Token Response, a Vault control group), which polls
 * send in place of the question.
 */
export const keptDeferral = (query: SourceQuery, ports: SourcePorts): CachedValue | undefined =>
  ports.keeper?.get(query.session.id, keyOf(query), ports.clock.now());

/**
 * Keeps the code while the answer is still to come; any other answer ends it. Without another code the offer ends
 * when the first reply said, however long the polls go on.
 */
export const learnDeferral = (
  grant: Grant,
  reply: VaultReply,
  deferred: Deferred,
  used: CachedValue | undefined,
  query: SourceQuery,
  ports: SourcePorts,
): Grant => {
  if (grant.kind === "unavailable") return grant;
  const { keeper, clock } = ports;
  const code = textAt(resolvePointer(reply.body, deferred.code));
  const wait = waitOf(grant);
  if (wait === undefined || (code === undefined && used === undefined)) {
    keeper?.drop(query.session.id, keyOf(query));
    return grant;
  }
  if (code === undefined) return used === undefined ? grant : endingBy(grant, used.expiresAtMs);
  const expiresAtMs = wait.expiresAtMs ?? clock.now() + defaultOfferMs;
  keeper?.put(query.session.id, keyOf(query), { value: new Secret(code), expiresAtMs });
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
