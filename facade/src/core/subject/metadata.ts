import * as z from "zod";
import type { Clock } from "../../../../src/core/ports.ts";
import type { Wire } from "../wire.ts";

const metadataSchema = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.url(),
  token_endpoint: z.url(),
  authorization_endpoint: z.url().optional(),
  introspection_endpoint: z.url().optional(),
  userinfo_endpoint: z.url().optional(),
  backchannel_authentication_endpoint: z.url().optional(),
});
export type IdpMetadata = z.output<typeof metadataSchema>;

const keptMs = 10 * 60_000;

/**
 * The identity provider's metadata (OpenID Connect Discovery, section 4), read at most every ten minutes. Undefined
 * while it cannot be read, or names another issuer.
 */
export const metadataOf = (
  issuer: string,
  { wire, clock }: { readonly wire: Wire; readonly clock: Clock },
): (() => Promise<IdpMetadata | undefined>) => {
  let kept: { readonly metadata: IdpMetadata; readonly atMs: number } | undefined;
  let flight: Promise<IdpMetadata | undefined> | undefined;
  const read = async (): Promise<IdpMetadata | undefined> => {
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const result = await wire({ method: "GET", url });
    if (result.kind !== "reply" || result.status !== 200) return kept?.metadata;
    const parsed = metadataSchema.safeParse(result.body);
    if (!parsed.success || parsed.data.issuer !== issuer) return undefined;
    kept = { metadata: parsed.data, atMs: clock.now() };
    return parsed.data;
  };
  return async () => {
    if (kept !== undefined && clock.now() - kept.atMs < keptMs) return kept.metadata;
    flight ??= read().finally(() => {
      flight = undefined;
    });
    return flight;
  };
};
