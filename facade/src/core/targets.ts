import type { AskTarget } from "../adapters/adapter.ts";
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
}

/** By its name to the letter, or as the URL that it is. */
export type FindTarget = (named: string) => FacadeTarget | undefined;

export const targetsOf = ({ targets, vaults }: FacadeConfig): FindTarget => {
  const [byName, byHref] = [new Map<string, FacadeTarget>(), new Map<string, FacadeTarget>()];
  for (const [name, { vault, ask, policy }] of Object.entries(targets)) {
    const found = vaults[vault];
    if (found === undefined) continue;
    const target = { name, vault, policy, ask: adapters[found.adapter].asker(found, ask) };
    byName.set(name, target);
    const href = URL.parse(name)?.href;
    if (href !== undefined && !byHref.has(href)) byHref.set(href, target);
  }
  return (named) => byName.get(named) ?? byHref.get(URL.parse(named)?.href ?? "");
};
