import { Secret } from "../../../src/core/secret.ts";
import type { FacadeConfig } from "./config/schema.ts";
import type { FacadePorts } from "./facade.ts";
import type { FacadePerson } from "./subject/person.ts";
import type { IdpMetadata } from "./subject/metadata.ts";
import { targetsOf } from "./targets.ts";
import type { Wire } from "./wire.ts";

/** One thing that was tried. */
export interface FacadeCheck {
  readonly ok: boolean;
  readonly text: string;
}

/** They are asked by the person's token, and do nothing for one that is nobody's. Others are asked by a name. */
const askedByToken: ReadonlySet<string> = new Set([
  ...["oauth", "keycloak-exchange", "keycloak-broker"],
  ...["auth0-token-vault", "okta-sts", "entra-obo"],
]);

/** Whoever it is, no vault knows them. */
const nobody: FacadePerson = {
  ...{ subject: "nobody", sessionId: undefined, claims: {}, token: new Secret("not-a-token") },
  ...{ tokenKind: "access_token", issuedAtSeconds: 0, expiresAtSeconds: 0, keyThumbprint: undefined },
};

/**
 * Asks each vault for nobody, once. Whether it is there and takes the facade's own credentials is known then; what it
 * says of the token is not judged.
 */
export async function* vaultChecks(
  config: FacadeConfig,
  metadata: IdpMetadata,
  wire: Wire,
  { secret }: Pick<FacadePorts, "secret">,
): AsyncGenerator<FacadeCheck> {
  const find = targetsOf(config);
  const byVault = new Map(
    Object.entries(config.targets)
      .filter(([, { vault }]) => askedByToken.has(config.vaults[vault]?.adapter ?? ""))
      .map(([name, { vault }]) => [vault, find(name)]),
  );
  for (const [vault, target] of byVault) {
    const answer = await target
      ?.ask({
        ...{ person: nobody, idp: config.identityProvider, secret, wire, returnTo: config.url },
        tokenEndpoint: () => Promise.resolve(metadata.token_endpoint),
        page: () => Promise.resolve(config.url),
      })
      // A secret that is not there has its own line.
      .catch(() => undefined);
    if (answer === undefined) continue;
    yield answer.kind === "unavailable"
      ? { ok: false, text: `vaults.${vault}: ${answer.reason}` }
      : { ok: true, text: `vaults.${vault}: it answers the facade` };
  }
}
