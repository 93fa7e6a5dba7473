import * as z from "zod";
import { agentcore } from "./agentcore.ts";
import { auth0TokenVault } from "./auth0TokenVault.ts";
import { entraObo } from "./entraObo.ts";
import { keycloakBroker } from "./keycloakBroker.ts";
import { keycloakExchange } from "./keycloakExchange.ts";
import { nango } from "./nango.ts";
import { oauth } from "./oauth.ts";
import { oktaSts } from "./oktaSts.ts";
import { workosPipes } from "./workosPipes.ts";

/** Every adapter, by the name that `facade.json` calls it. */
export const adapters = {
  oauth,
  "keycloak-exchange": keycloakExchange,
  "keycloak-broker": keycloakBroker,
  "auth0-token-vault": auth0TokenVault,
  "okta-sts": oktaSts,
  "entra-obo": entraObo,
  "workos-pipes": workosPipes,
  nango,
  agentcore,
} as const;

export const vaultSchema = z.discriminatedUnion("adapter", [
  oauth.vault,
  keycloakExchange.vault,
  keycloakBroker.vault,
  auth0TokenVault.vault,
  oktaSts.vault,
  entraObo.vault,
  workosPipes.vault,
  nango.vault,
  agentcore.vault,
]);
