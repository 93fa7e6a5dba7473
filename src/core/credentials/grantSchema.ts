import * as z from "zod";
import { issueSchema } from "../config/issues/issueSchema.ts";

/** Longer than any URL, and than any sentence that a person reads. */
const text = z.string().max(16_384);
const timeMs = z.number();

/** How a person proves more than they have proved so far (RFC 9470, or the vault's own page or push). */
export const stepUpSchema = z.discriminatedUnion("kind", [
  z
    .object({
      kind: z.literal("reauthenticate"),
      acrValues: z.array(text).readonly(),
      maxAgeSeconds: z.number().exactOptional(),
    })
    .readonly(),
  z
    .object({ kind: z.literal("url"), url: text, intervalMs: timeMs, expiresAtMs: timeMs.exactOptional() })
    .readonly(),
  z
    .object({
      kind: z.literal("push"),
      intervalMs: timeMs,
      expiresAtMs: timeMs,
      bindingMessage: text,
      slowDown: z.literal(true).exactOptional(),
      /** Nothing was sent yet: whoever asks because they want the credential has it sent. */
      unsent: z.literal(true).exactOptional(),
    })
    .readonly(),
]);

const needsConnection = z
  .object({
    kind: z.literal("needsConnection"),
    url: text,
    intervalMs: timeMs,
    expiresAtMs: timeMs.exactOptional(),
    reason: text.exactOptional(),
  })
  .readonly();

const stepUp = z
  .object({ kind: z.literal("stepUp"), how: stepUpSchema, reason: text.exactOptional() })
  .readonly();

const pending = z
  .object({
    kind: z.literal("pending"),
    intervalMs: timeMs,
    expiresAtMs: timeMs,
    message: text.exactOptional(),
    /** The question came too soon (RFC 8628, section 3.5): all that this answer says is to ask more slowly. */
    slowDown: z.literal(true).exactOptional(),
  })
  .readonly();

const denied = z
  .object({
    kind: z.literal("denied"),
    by: z.enum(["policy", "user", "upstream"]),
    reason: text,
    helpUrl: text.exactOptional(),
  })
  .readonly();

const signedOut = z
  .object({
    kind: z.literal("signedOut"),
    cause: z.enum(["never", "expired", "revoked", "storageLost"]),
    /** The words of a source that refuses the session's token. */
    reason: text.exactOptional(),
  })
  .readonly();

const misconfigured = z
  .object({
    kind: z.literal("misconfigured"),
    issues: z.array(issueSchema).readonly(),
    /** It may mend itself, and is asked again then. */
    retryAtMs: timeMs.exactOptional(),
  })
  .readonly();

const unavailable = z.object({ kind: z.literal("unavailable"), reason: text, retryAtMs: timeMs }).readonly();

/** The named reasons why there is no credential. */
export const refusalSchema = z.discriminatedUnion("kind", [
  needsConnection,
  stepUp,
  pending,
  denied,
  signedOut,
  misconfigured,
  unavailable,
]);

/** A grant without its headers: what may be kept, shown and told to other windows. */
export const grantStateSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("granted"), expiresAtMs: timeMs.exactOptional() }).readonly(),
  refusalSchema,
]);
