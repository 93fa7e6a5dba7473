import { awsStsCase } from "./awsSts.ts";
import type { SourceCase } from "./case.ts";
import { descopeCase } from "./descope.ts";
import { hashicorpCase } from "./hashicorp.ts";
import { idJagCase } from "./idJag.ts";
import { keycloakCase } from "./keycloak.ts";
import { keycloakUmaCase } from "./keycloakUma.ts";
import { apiKeyCase, customCase, vaultLookupCase } from "./lookup.ts";
import { tokenExchangeCase } from "./tokenEndpoint.ts";

/** Every source that asks over HTTP: one row each. */
export const sourceCases: readonly SourceCase[] = [
  tokenExchangeCase,
  vaultLookupCase,
  apiKeyCase,
  keycloakCase,
  keycloakUmaCase,
  descopeCase,
  hashicorpCase,
  idJagCase,
  awsStsCase,
  customCase,
];
