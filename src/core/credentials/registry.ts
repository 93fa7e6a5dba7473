import { apiKey } from "./builtin/apiKey.ts";
import { awsSts } from "./builtin/awsSts.ts";
import { custom } from "./builtin/custom.ts";
import { descope } from "./builtin/descope.ts";
import { hashicorpVault } from "./builtin/hashicorpVault.ts";
import { idJag } from "./builtin/idJag.ts";
import { keycloak } from "./builtin/keycloak.ts";
import { keycloakUma } from "./builtin/keycloakUma.ts";
import { script } from "./builtin/script.ts";
import { tokenExchange } from "./builtin/tokenExchange.ts";
import { vaultLookup } from "./builtin/vaultLookup.ts";

/** Every credential source that comes with Lanyard: one row each. */
export const registry = [
  tokenExchange,
  vaultLookup,
  apiKey,
  keycloak,
  keycloakUma,
  descope,
  hashicorpVault,
  idJag,
  awsSts,
  custom,
  script,
] as const;
