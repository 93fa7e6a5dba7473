import type { Log } from "../core/ports.ts";
import { agentRouter, type AgentParts } from "./agent.ts";
import { probeEndpoint } from "./client.ts";
import { createEndpoint, type EndpointOptions } from "./endpoint.ts";
import type { EndpointRecord } from "./endpointFile.ts";
import { AgentServer, type ServerLimits } from "./server.ts";

export interface AgentOptions
  extends AgentParts, Pick<EndpointOptions, "home" | "version" | "shortDirectories"> {
  readonly log: Log;
  readonly limits?: Partial<ServerLimits>;
}

export interface RunningAgent {
  /** Whether helpers still find this agent, or another has taken its place. */
  isPublished(): Promise<boolean>;
  /** Refuses whoever waits, and leaves neither socket nor endpoint file behind. */
  stop(): Promise<void>;
}

export type Started =
  | { readonly kind: "running"; readonly agent: RunningAgent; readonly record: EndpointRecord }
  /** Another agent answers for this home. */
  | { readonly kind: "taken"; readonly record: EndpointRecord };

/**
 * Listens at a place of its own, then makes helpers find it.
 * @throws LanyardError `endpointUnsafe` when others can reach the place.
 */
export const startAgent = async (options: AgentOptions): Promise<Started> => {
  const { home, version, shortDirectories, log, limits } = options;
  const claim = await createEndpoint({
    home,
    version,
    probe: probeEndpoint,
    ...(shortDirectories === undefined ? {} : { shortDirectories }),
  });
  if (claim.kind === "taken") return claim;
  const { endpoint } = claim;
  const server = await AgentServer.listen({
    address: endpoint.record.address.path,
    key: endpoint.record.key,
    version,
    router: agentRouter(options),
    log,
    ...(limits === undefined ? {} : { limits }),
  });
  const stop = async (): Promise<void> => {
    await endpoint.release();
    await server.close();
    await endpoint.clear();
  };
  try {
    const published = await endpoint.publish();
    if (published.kind === "taken") {
      await stop();
      return published;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  log.info("agent.started", { pid: endpoint.record.pid, kind: endpoint.record.address.kind });
  return {
    kind: "running",
    record: endpoint.record,
    agent: { isPublished: () => endpoint.isPublished(), stop },
  };
};
