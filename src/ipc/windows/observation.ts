import * as z from "zod";
import type { Observation } from "../../core/connectors/observation.ts";
import type { Finding } from "../../core/connectors/status.ts";

const text = z.string().max(16_384);
const timeMs = z.number();
const place = z.object({
  file: text,
  line: z.number(),
  column: z.number(),
  endLine: z.number(),
  endColumn: z.number(),
});

const issue = z.object({
  code: z.enum([
    ...([
      "unreadable",
      "syntax",
      "wrongType",
      "missing",
      "invalidUrl",
      "insecureUrl",
      "insecureIssuer",
    ] as const),
    ...(["unsetVariable", "duplicateName", "unknownSource", "literalToken", "helperMissing"] as const),
    ...(["contradiction", "sourceRefused", "forbidden"] as const),
  ]),
  severity: z.enum(["error", "warning"]),
  template: text,
  args: z.array(z.union([text, z.number()])),
  place: place.exactOptional(),
  connector: text.exactOptional(),
});

const stepUp = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("reauthenticate"),
    acrValues: z.array(text),
    maxAgeSeconds: z.number().exactOptional(),
  }),
  z.object({ kind: z.literal("url"), url: text, intervalMs: timeMs, expiresAtMs: timeMs.exactOptional() }),
  z.object({
    kind: z.literal("push"),
    intervalMs: timeMs,
    expiresAtMs: timeMs,
    bindingMessage: text,
    slowDown: z.literal(true).exactOptional(),
  }),
]);

const finding: z.ZodType<Finding> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("granted"), expiresAtMs: timeMs.exactOptional() }),
  z.object({
    kind: z.literal("needsConnection"),
    url: text,
    intervalMs: timeMs,
    expiresAtMs: timeMs.exactOptional(),
    reason: text.exactOptional(),
  }),
  z.object({ kind: z.literal("stepUp"), how: stepUp, reason: text.exactOptional() }),
  z.object({
    kind: z.literal("pending"),
    intervalMs: timeMs,
    expiresAtMs: timeMs,
    message: text.exactOptional(),
    slowDown: z.literal(true).exactOptional(),
  }),
  z.object({
    kind: z.literal("denied"),
    by: z.enum(["policy", "user", "upstream"]),
    reason: text,
    helpUrl: text.exactOptional(),
  }),
  z.object({ kind: z.literal("signedOut"), cause: z.enum(["never", "expired", "revoked", "storageLost"]) }),
  z.object({
    kind: z.literal("misconfigured"),
    issues: z.array(issue),
    retryAtMs: timeMs.exactOptional(),
  }),
  z.object({ kind: z.literal("unavailable"), reason: text, retryAtMs: timeMs }),
]);

/** What one window saw of an entry, as it travels to another. Nothing in it is secret but the entry's own URL. */
export const observationSchema: z.ZodType<Observation> = z.object({
  entry: z.string().max(256 * 1024),
  finding: finding.exactOptional(),
  evidence: z.object({ answeredBy: text, atMs: timeMs, traceId: text }).exactOptional(),
  lastAskedAtMs: timeMs.exactOptional(),
  lastIssued: z.object({ atMs: timeMs, expiresAtMs: timeMs.exactOptional() }).exactOptional(),
});
