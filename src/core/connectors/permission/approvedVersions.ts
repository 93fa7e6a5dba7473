import * as z from "zod";
import { toolRuleShapes } from "../../config/schema/signInSchema.ts";
import type { ToolRules } from "../../mcp/toolRules.ts";
import type { MemoryPort } from "../../ports.ts";
import { factKinds, type Facts } from "../../review/agreement.ts";

const memoryKey = "lanyard.approvals.v2";
/** Connector id → hash, of what a dialog showed that cut long texts off. */
const formerKey = "lanyard.approvals.v1";

/** So many versions of an entry: a branch or two, and what they were before. */
const mostVersions = 8;
const mostEntries = 1000;

/** Stands for the time of an approval that a former version noted. */
export const formerMs = 0;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const factsSchema = z.partialRecord(z.enum(factKinds), z.string().max(10_000));
const entrySchema = z.object({
  /** Newest last. */
  versions: z
    .array(z.object({ hash, atMs: z.number().int(), tools: z.object(toolRuleShapes).exactOptional() }))
    .max(mostVersions),
  /** What the newest one showed. */
  facts: factsSchema,
});
const memorySchema = z.record(z.string(), entrySchema);
const formerSchema = z.record(z.string(), hash);

export interface ApprovedVersion {
  readonly hash: string;
  readonly atMs: number;
  /** The tools that were approved with it; narrower rules ask nobody again. */
  readonly tools?: ToolRules;
}

export interface ApprovedEntry {
  readonly versions: readonly ApprovedVersion[];
  readonly facts: Facts;
}

/** What was approved, entry by entry. Memory of a form that is not known holds no approval. */
export class ApprovedVersions {
  readonly #memory: MemoryPort;

  constructor(memory: MemoryPort) {
    this.#memory = memory;
  }

  /** A map, because an id may be any text, `constructor` included. */
  all(): ReadonlyMap<string, ApprovedEntry> {
    const kept = this.#memory.get(memoryKey);
    if (kept === undefined) return this.#former();
    const parsed = memorySchema.safeParse(kept);
    return new Map(parsed.success ? Object.entries(parsed.data) : []);
  }

  /** What a former version of Lanyard noted, until anything is noted in the present form. */
  #former(): ReadonlyMap<string, ApprovedEntry> {
    const parsed = formerSchema.safeParse(this.#memory.get(formerKey));
    const hashes = parsed.success ? Object.entries(parsed.data) : [];
    return new Map(
      hashes.map(([id, each]) => [id, { versions: [{ hash: each, atMs: formerMs }], facts: {} }]),
    );
  }

  async store(entries: ReadonlyMap<string, ApprovedEntry>): Promise<void> {
    const newest = [...entries].slice(-mostEntries);
    await this.#memory.update(memoryKey, memorySchema.parse(Object.fromEntries(newest)));
    await this.#memory.update(formerKey, undefined);
  }
}

/** The entry with one more version, which is the newest now; the oldest go. */
export const withVersion = (
  entry: ApprovedEntry | undefined,
  version: ApprovedVersion,
  facts: Facts,
): ApprovedEntry => {
  const others = (entry?.versions ?? []).filter((each) => each.hash !== version.hash);
  return { versions: [...others, version].slice(-mostVersions), facts };
};
