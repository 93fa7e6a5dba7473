import { LanyardError } from "../../errors.ts";
import { type Refusal, misconfigured } from "../grant.ts";
import type { SourceQuery, SourcePorts } from "../source.ts";

const retryMs = 5_000;

/**
 * The token endpoint in an issuer's metadata (RFC 8414).
 * @throws LanyardError `cancelled` when the asker gave up.
 */
export const tokenEndpointOf = async (
  query: SourceQuery,
  ports: SourcePorts,
  issuer: string = query.connector.userAuth.issuer,
): Promise<string | Refusal> => {
  if (ports.tokenEndpoint === undefined) {
    return misconfigured(
      query.connector,
      "The entry names no endpoint for {0}. Add it to the credential.",
      issuer,
    );
  }
  try {
    return await ports.tokenEndpoint(issuer, query.signal);
  } catch (error) {
    if (!(error instanceof LanyardError) || error.code === "cancelled") throw error;
    if (error.code === "network" || error.code === "timedOut") {
      return { kind: "unavailable", reason: error.message, retryAtMs: ports.clock.now() + retryMs };
    }
    return misconfigured(query.connector, "{0}", error.message);
  }
};
