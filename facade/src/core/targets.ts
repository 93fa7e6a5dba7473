import type { AskTarget, ConnectTarget } from "../adapters/adapter.ts";
import { adapters } from "../adapters/registry.ts";
import type { TargetPolicy } from "./config/policy.ts";
import type { FacadeConfig } from "./config/schema.ts";

/** A row of the target table, read once. */
export interface FacadeTarget {
  /** As it is configured: a caller's many spellings of one URL are one target, for pushes and for the record. */
  readonly name: string;
  readonly vault: string;
  readonly policy: TargetPolicy;
  readonly ask: AskTarget;
  /** Its entry in .mcp.json, for events. */
  readonly connector: string | undefined;
  /** Where people connect accounts by the facade. */
  readonly connect: ConnectTarget | undefined;
}

/** By its name to the letter, or as the URL that it is. */
export type FindTarget = (named: string) => FacadeTarget | undefined;

export const targetsOf = ({ targets, vaults }: FacadeConfig): FindTarget => {
  const [byName, byHref] = [new Map<string, FacadeTarget>(), new Map<string, FacadeTarget>()];
  for (const [name, { vault, ask, policy, connector }] of Object.entries(targets)) {
    const found = vaults[vault];
    if (found === undefined) continue;
    const adapter = adapters[found.adapter];
    const target = {
      ...{ name, vault, policy, connector, ask: adapter.asker(found, ask) },
      connect: adapter.connector?.(found, ask),
    };
    byName.set(name, target);
    const href = URL.parse(name)?.href;
    if (href !== undefined && !byHref.has(href)) byHref.set(href, target);
  }
  return (named) => byName.get(named) ?? byHref.get(URL.parse(named)?.href ?? "");
};
