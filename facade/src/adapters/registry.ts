import * as z from "zod";
import { keycloakBroker } from "./keycloakBroker.ts";
import { keycloakExchange } from "./keycloakExchange.ts";
import { oauth } from "./oauth.ts";

/** Every adapter, by the name that `facade.json` calls it. */
export const adapters = {
  oauth,
  "keycloak-exchange": keycloakExchange,
  "keycloak-broker": keycloakBroker,
} as const;

export const vaultSchema = z.discriminatedUnion("adapter", [
  oauth.vault,
  keycloakExchange.vault,
  keycloakBroker.vault,
]);
export type FacadeVault = z.output<typeof vaultSchema>;
