import type { SourceResult } from "./grant.ts";
import type { Connector, CredentialConfig } from "../config/connector.ts";
import { registry } from "./registry.ts";
import type { SourceRow } from "./row.ts";
import type { SourceQuery, QuerySource, SourcePorts } from "./source.ts";

/**
 * Asks the credential source of an entry once.
 * @throws LanyardError `cancelled` when the ask's signal fired; every other failure is a grant.
 */
export const queryConfigured = (
  config: CredentialConfig,
  query: SourceQuery,
  ports: SourcePorts,
): Promise<SourceResult> => rowOf(config).query(config, query, ports);

/** `queryConfigured` with the connector's own `credential`: what the pipeline is given. */
export const querySource: QuerySource = (query, ports) =>
  queryConfigured(query.connector.credential, query, ports);

/** The URLs of everyone who is sent the user's token for this connector: what an approval or a policy names. */
export const destinationsOf = (connector: Connector): readonly string[] => {
  const { events } = connector.userAuth;
  const asked = rowOf(connector.credential).destinations(connector.credential, connector);
  return events === undefined ? asked : [...asked, events];
};

const rowOf = (config: CredentialConfig): SourceRow => {
  const row = registry.find((one) => one.config.shape.source.value === config.source);
  if (row === undefined) throw new TypeError(`No credential source is called ${config.source}.`);
  return row;
};
