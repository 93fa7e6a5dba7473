import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
} from "jose";
import * as z from "zod";
import type { Clock } from "../../../../src/core/ports.ts";
import type { Wire } from "../wire.ts";

const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** The keys cannot be had: that says nothing about the token. */
export class KeysUnavailable extends Error {}

export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

const keptMs = 10 * 60_000;
/** An unknown key id has the keys read anew, but not at everyone's word. */
const pauseMs = 10_000;

/**
 * Finds the key that signed a token, at `jwksUri`. Fetched keys are kept, and read anew when a token names one that is
 * not among them.
 * @throws KeysUnavailable, or an error of jose's where no key fits
 */
export const keysAt = (
  jwksUri: () => Promise<string | undefined>,
  { wire, clock }: { readonly wire: Wire; readonly clock: Clock },
): FindKey => {
  let kept: { readonly find: ReturnType<typeof createLocalJWKSet>; readonly atMs: number } | undefined;
  let flight: Promise<void> | undefined;
  const fetchKeys = async (): Promise<void> => {
    const url = await jwksUri();
    if (url === undefined) throw new KeysUnavailable("The issuer's metadata cannot be read.");
    const result = await wire({ method: "GET", url });
    const keys = result.kind === "reply" && result.status === 200 ? keySet.safeParse(result.body) : undefined;
    if (keys?.data === undefined) throw new KeysUnavailable("The issuer's keys cannot be read.");
    kept = { find: createLocalJWKSet(keys.data), atMs: clock.now() };
  };
  const refresh = (): Promise<void> =>
    (flight ??= fetchKeys().finally(() => {
      flight = undefined;
    }));
  return async (header, token) => {
    if (kept === undefined || clock.now() - kept.atMs > keptMs) await refresh();
    try {
      return await findIn(kept, header, token);
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey;
      if (!isUnknown || kept === undefined || clock.now() - kept.atMs < pauseMs) throw error;
      await refresh();
      return findIn(kept, header, token);
    }
  };
};

const findIn = (
  kept: { readonly find: ReturnType<typeof createLocalJWKSet> } | undefined,
  header: JWSHeaderParameters,
  token: FlattenedJWSInput,
): Promise<CryptoKey> => {
  if (kept === undefined) throw new KeysUnavailable("The issuer's keys cannot be read.");
  return kept.find(header, token);
};
