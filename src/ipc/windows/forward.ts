import * as z from "zod";
import { callEndpoint } from "../client.ts";
import type { EndpointRecord } from "../endpoint/endpointFile.ts";
import {
  standings,
  type AuthorizeReply,
  type HeadersReply,
  type StandingReply,
  type TokenReply,
} from "../api/protocol.ts";

/** A request as far as its way to the right window needs to know. */
export interface Forwardable {
  readonly passedOn: number;
  readonly deadlineMs: number;
}

export const mostForwards = 2;

export type Forwarded<R> =
  | { readonly kind: "reply"; readonly reply: R }
  /** The window is gone; another may know. */
  | { readonly kind: "gone" }
  /** It has not answered in time. */
  | { readonly kind: "late" };

const printed = { exitCode: z.literal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), text: z.string() };

const refused = z.object({
  ...printed,
  kind: z.literal("refused"),
  refusal: z.object({
    kind: z.enum([
      ...(["needsConnection", "stepUp", "pending", "denied", "signedOut", "misconfigured"] as const),
      ...(["unavailable", "untrusted", "unapproved", "unknown", "urlMismatch", "ambiguous"] as const),
      ...(["usage", "internal"] as const),
    ]),
    reason: z.string(),
    url: z.string().exactOptional(),
    traceId: z.string().exactOptional(),
  }),
});

/** What one window answers another, checked before it is passed on to the one who asked. */
export const headersReplySchema: z.ZodType<HeadersReply> = z.discriminatedUnion("kind", [
  refused,
  z.object({
    ...printed,
    kind: z.literal("granted"),
    headers: z.record(z.string(), z.string()),
    expiresAtMs: z.number().exactOptional(),
    traceId: z.string(),
  }),
  z.object({
    ...printed,
    kind: z.literal("start"),
    ticket: z.string(),
    issuer: z.string(),
    token: z.string(),
    program: z.string().exactOptional(),
    folder: z.string().exactOptional(),
  }),
]);

export const authorizeReplySchema: z.ZodType<AuthorizeReply> = z.discriminatedUnion("kind", [
  refused,
  z.object({
    ...printed,
    kind: z.literal("authorized"),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    traceId: z.string(),
  }),
]);

export const standingReplySchema: z.ZodType<StandingReply> = z.discriminatedUnion("kind", [
  refused,
  z.object({
    ...printed,
    kind: z.literal("standing"),
    standing: z.enum(standings),
    entry: z.string(),
    known: z.string(),
  }),
]);

export const tokenReplySchema: z.ZodType<TokenReply> = z.discriminatedUnion("kind", [
  refused,
  z.object({
    ...printed,
    kind: z.literal("token"),
    issuer: z.string(),
    token: z.string(),
    expiresAtMs: z.number().exactOptional(),
  }),
]);

/** The other window keeps its own margin; together the two are to be one. */
const marginBackMs = 300;
/** The one who asked here runs out of time first, and is told so. */
const graceMs = 1000;

/** Asks another window in the name of the one who asked here. */
export const forward = async <R>(
  record: EndpointRecord,
  path: string,
  request: Forwardable,
  schema: z.ZodType<R>,
  leftMs: number,
  signal: AbortSignal,
): Promise<Forwarded<R>> => {
  const called = await callEndpoint(record, {
    path,
    message: {
      ...request,
      deadlineMs: Math.max(1, Math.min(request.deadlineMs, Math.floor(leftMs + marginBackMs))),
      passedOn: request.passedOn + 1,
    },
    accept: "json",
    timeoutMs: Math.max(0, leftMs) + graceMs,
    signal,
  });
  switch (called.kind) {
    case "reply":
      return read(called.body, schema);
    case "timedOut":
      return { kind: "late" };
    case "absent":
    case "unreadable":
    case "unsafe":
    case "lost":
    case "broken":
      return { kind: "gone" };
  }
};

const read = <R>(body: string, schema: z.ZodType<R>): Forwarded<R> => {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? { kind: "reply", reply: parsed.data } : { kind: "gone" };
  } catch {
    return { kind: "gone" };
  }
};
