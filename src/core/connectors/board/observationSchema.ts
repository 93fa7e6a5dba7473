import * as z from "zod";
import { grantStateSchema } from "../../credentials/grantSchema.ts";

const text = z.string().max(16_384);
const timeMs = z.number();

export const evidenceSchema = z
  .object({
    /** The host that answered, or the part of Lanyard that decided without asking anyone. */
    answeredBy: text,
    atMs: timeMs,
    traceId: text,
  })
  .readonly();

/** What one window saw of an entry, as it travels to another. Nothing in it is secret but the entry's own URL. */
export const observationSchema = z
  .object({
    /** As `connectorKey` names it: same file, same place in it, same content. */
    entry: z.string().max(256 * 1024),
    /** The last answer, with its evidence; both or neither. */
    finding: grantStateSchema.exactOptional(),
    evidence: evidenceSchema.exactOptional(),
    lastAskedAtMs: timeMs.exactOptional(),
    lastIssued: z.object({ atMs: timeMs, expiresAtMs: timeMs.exactOptional() }).readonly().exactOptional(),
  })
  .readonly();
