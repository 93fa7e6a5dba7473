import type { Connector } from "../../config/connector.ts";
import type { SourceResult } from "../../credentials/grant.ts";
import { parseChallenge } from "../../credentials/reply/challenge.ts";
import type { ActiveSession } from "../../identity/session.ts";
import type { Clock } from "../../ports.ts";
import { plainText } from "../../text.ts";
import { hostOf } from "../../urls.ts";
import { connectorKey } from "../board/lookup.ts";

/** What a connector itself wants proved before it serves a call (RFC 9470). */
export interface Demand {
  readonly acrValues: readonly string[];
  readonly maxAgeSeconds?: number;
  readonly reason?: string;
}

/** The demand in a `WWW-Authenticate` field; undefined where it holds none. */
export const demandIn = (header: string): Demand | undefined => {
  const challenge = parseChallenge(header) ?? {};
  if (challenge["error"] !== "insufficient_user_authentication") return undefined;
  const { acr_values: acr = "", max_age: age = "", error_description: why = "" } = challenge;
  const reason = plainText(why, 200);
  return {
    acrValues: acr
      .split(/\s+/)
      .filter((each) => each !== "")
      .slice(0, 20),
    ...(/^\d{1,9}$/.test(age) ? { maxAgeSeconds: Number(age) } : {}),
    ...(reason === "" ? {} : { reason }),
  };
};

/** Longer than a call is held. Then the connector serves again what needs no more than before. */
const lastsMs = 5 * 60_000;

interface Made extends Demand {
  readonly atMs: number;
}

/**
 * What connectors demand of the sessions that their vaults are content with. A demand stands before the vault until a
 * sign-in that came after it proves what was asked for, or until nobody waits for it any more.
 */
export class Demands {
  readonly #clock: Clock;
  /** By entry: another entry starts anew. */
  readonly #made = new Map<string, Made>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  make(connector: Connector, demand: Demand): void {
    this.#made.set(connectorKey(connector), { ...demand, atMs: this.#clock.now() });
  }

  /** What there still is to prove, as an answer in the vault's place. */
  unmet(connector: Connector, session: ActiveSession): SourceResult | undefined {
    const key = connectorKey(connector);
    const made = this.#made.get(key);
    if (made === undefined) return undefined;
    const ageMs = this.#clock.now() - made.atMs;
    if (ageMs < 0 || ageMs > lastsMs || isMet(made, session)) {
      this.#made.delete(key);
      return undefined;
    }
    const { acrValues, maxAgeSeconds, reason } = made;
    const how = {
      ...{ kind: "reauthenticate" as const, acrValues },
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    };
    const grant = { kind: "stepUp" as const, how, ...(reason === undefined ? {} : { reason }) };
    return { grant, answeredBy: hostOf(connector.url) };
  }
}

/** The identity provider's own words for it were looked at as the sign-in came. */
const isMet = ({ acrValues, atMs }: Made, { signedInAtMs, acr = "" }: ActiveSession): boolean =>
  signedInAtMs > atMs && (acrValues.length === 0 || acrValues.includes(acr));
