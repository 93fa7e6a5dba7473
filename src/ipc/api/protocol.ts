import * as z from "zod";
import { scriptObstacles } from "../../core/credentials/source.ts";
import type { Finding } from "../../core/doctor/finding.ts";
import { exitCodes } from "./exitCodes.ts";
import { defaultDeadlineMs } from "../wire.ts";

/** A shell writes everything as text; other clients may send JSON's own types. */
const flag = z.union([z.boolean(), z.stringbool()]).default(false);
const text = z.string().max(16_384);

const common = {
  /** The folder that the asker works in: decides between connectors of one name. */
  cwd: text.default(""),
  /** Milliseconds from now after which nobody listens any more. */
  deadlineMs: z.coerce.number().int().min(1).max(60_000).default(defaultDeadlineMs),
  /** Refusals as one line of JSON rather than as a sentence; `token` and `status` as JSON. */
  json: flag,
  /** How many windows have passed this request on. */
  passedOn: z.coerce.number().int().min(0).max(2).default(0),
};

/** Who reads the answer. Claude Code connects without credentials when a helper fails, so it is never let fail. */
const callerKindSchema = z.enum(["claude", "person"]);
export type CallerKind = z.infer<typeof callerKindSchema>;

const connectorName = {
  /** The process that called the helper, as the helper says; 0 where it does not. */
  pid: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(0),
  /** The entry's name in `.mcp.json`, and its URL as the asker has it. */
  server: text.default(""),
  url: text.default(""),
};

export const headersRequestSchema = z.object({
  ...common,
  ...connectorName,
  asker: callerKindSchema,
  /** The asker can run a team script, and was called to. */
  script: flag,
  /** The script's command as the shell handed it to the helper; without it nothing is run. */
  argv: z.array(text).max(1024).exactOptional(),
});
export type HeadersRequest = z.infer<typeof headersRequestSchema>;

export const tokenRequestSchema = z.object({ ...common, ...connectorName, issuer: text.default("") });
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

/** Asks for the URL and the headers of one HTTP request to a connector, which a bridge is about to send. */
export const authorizeRequestSchema = z.object({
  ...common,
  server: text,
  pid: connectorName.pid,
  method: z.enum(["POST", "GET", "DELETE"]),
  /** SHA-256 of the body in lower-case hex; empty where there is none. */
  bodyHash: z.union([z.literal(""), z.string().regex(/^[0-9a-f]{64}$/)]).default(""),
  /** What was given last was refused (401): nothing of it is given again. */
  refused: flag,
  /** The `WWW-Authenticate` field by which what was given anew was refused as well; empty where there is none. */
  challenge: text.default(""),
  /** The time by the server that refused it. */
  serverTimeMs: z.number().exactOptional(),
  /** What it wants in the next proof (RFC 9449, section 8.1). */
  nonce: z
    .string()
    .max(1024)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
    .exactOptional(),
  /** Nobody wants anything of the connector yet: nobody is sent a push for it. */
  unasked: flag,
});
export type AuthorizeRequest = z.infer<typeof authorizeRequestSchema>;

/** Asks how a connector stands; answered once that is not `known`, or when the time is up. */
export const standingRequestSchema = z.object({
  ...common,
  server: text,
  known: text.default(""),
  /** The person is doing their part: the source is asked again and again meanwhile. */
  follow: flag,
});
export type StandingRequest = z.infer<typeof standingRequestSchema>;

export const statusRequestSchema = z.object(common);
export type StatusRequest = z.infer<typeof statusRequestSchema>;

/** Asks the window that answers helpers to look at what only it can see. */
export const doctorRequestSchema = z.object({ deadlineMs: common.deadlineMs });
export type DoctorRequest = z.infer<typeof doctorRequestSchema>;

/** Asks whether the window still holds a lock; answered when it does not, or when the time is up. */
export const lockRequestSchema = z.object({
  deadlineMs: common.deadlineMs,
  lock: z.string().regex(/^[0-9a-f]{16}$/),
});
export type LockRequest = z.infer<typeof lockRequestSchema>;

export const scriptResultSchema = z.object({
  deadlineMs: common.deadlineMs,
  passedOn: common.passedOn,
  exitCode: z.union([z.number().int(), z.literal(["timedOut", "notStarted", "tooMuchOutput"])]),
  obstacle: z.enum(scriptObstacles).exactOptional(),
  stdout: z.string(),
  stderr: z.string(),
});
export type ScriptResultMessage = z.infer<typeof scriptResultSchema>;

/** What the one who asked is to print, and how it ends. `text` goes to stdout when `exitCode` is 0, else to stderr. */
const printed = { exitCode: z.literal(Object.values(exitCodes)), text: z.string() };
type Printed = Readonly<z.infer<z.ZodObject<typeof printed>>>;

/** Why there is no credential: a grant's kind, or what came before any source was asked. */
const refusalKind = z.enum([
  ...(["needsConnection", "stepUp", "pending", "denied", "signedOut", "misconfigured"] as const),
  ...(["unavailable", "untrusted", "unapproved", "unknown", "urlMismatch", "ambiguous"] as const),
  ...(["usage", "internal"] as const),
]);
export type RefusalKind = z.infer<typeof refusalKind>;

const refused = z
  .object({
    ...printed,
    kind: z.literal("refused"),
    refusal: z
      .object({
        kind: refusalKind,
        reason: z.string(),
        url: z.string().exactOptional(),
        traceId: z.string().exactOptional(),
      })
      .readonly(),
  })
  .readonly();
export type RefusedReply = z.infer<typeof refused>;

const names = z.array(z.string()).readonly().exactOptional();

const authorized = z
  .object({
    ...printed,
    kind: z.literal("authorized"),
    /** Where the request goes: the approved entry's own URL. */
    url: z.string(),
    headers: z.record(z.string(), z.string()).readonly(),
    /** They hold for this one request: a signature (SigV4) or a proof (DPoP). */
    signed: z.literal(true).exactOptional(),
    /** The proxy that the editor would take there; for a bridge whose environment names none. */
    proxy: z.string().exactOptional(),
    traceId: z.string(),
    /** What the connector's tools are under, where there is any rule. */
    tools: z
      .array(z.object({ allow: names, deny: names, readOnly: z.boolean().exactOptional(), by: z.string() }))
      .readonly()
      .exactOptional(),
  })
  .readonly();

export const authorizeReplySchema = z.discriminatedUnion("kind", [refused, authorized]);
export type AuthorizeReply = z.infer<typeof authorizeReplySchema>;

/**
 * `granted`: the last answer was a credential. `open`: nobody has asked yet, or nobody can tell. `ended`: there is no
 * right to this connector now, and what runs with an earlier one has to end.
 */
const standingNames = z.enum(["granted", "open", "ended"]);
export type Standing = z.infer<typeof standingNames>;

const standing = z
  .object({
    ...printed,
    kind: z.literal("standing"),
    standing: standingNames,
    /** Which entry it is, as it is now; empty where there is none that may be used. */
    entry: z.string(),
    /** To be named as `known` by the next question. */
    known: z.string(),
  })
  .readonly();

export const standingReplySchema = z.discriminatedUnion("kind", [refused, standing]);
export type StandingReply = z.infer<typeof standingReplySchema>;

const granted = z
  .object({
    ...printed,
    kind: z.literal("granted"),
    headers: z.record(z.string(), z.string()).readonly(),
    expiresAtMs: z.number().exactOptional(),
    traceId: z.string(),
  })
  .readonly();

/** Run the team script with this token in this folder, and post its result under the ticket. */
const start = z
  .object({
    ...printed,
    kind: z.literal("start"),
    ticket: z.string(),
    issuer: z.string(),
    token: z.string(),
    /** What is started in the place of the first argument. */
    program: z.string().exactOptional(),
    /** Absent where the helper's own is meant. */
    folder: z.string().exactOptional(),
  })
  .readonly();

export const headersReplySchema = z.discriminatedUnion("kind", [refused, granted, start]);
export type HeadersReply = z.infer<typeof headersReplySchema>;

const token = z
  .object({
    ...printed,
    kind: z.literal("token"),
    issuer: z.string(),
    token: z.string(),
    expiresAtMs: z.number().exactOptional(),
  })
  .readonly();

export const tokenReplySchema = z.discriminatedUnion("kind", [refused, token]);
export type TokenReply = z.infer<typeof tokenReplySchema>;

/** One connector as `lanyard status --json` shows it. Times are in milliseconds since the epoch. */
const statusRow = {
  id: z.string(),
  server: z.string(),
  /** Without user name, password, query and fragment. */
  url: z.string(),
  file: z.string(),
  issuer: z.string(),
  status: z.string(),
  reason: z.string(),
  openUrl: z.string().exactOptional(),
  answeredBy: z.string().exactOptional(),
  answeredAtMs: z.number().exactOptional(),
  traceId: z.string().exactOptional(),
  lastAskedAtMs: z.number().exactOptional(),
  lastIssued: z
    .object({ atMs: z.number(), expiresAtMs: z.number().exactOptional() })
    .readonly()
    .exactOptional(),
};
export type StatusRow = Readonly<z.infer<z.ZodObject<typeof statusRow>>>;

/** Of another window's status the rows alone, with whatever a later version adds: the accounts are the same in all. */
export const statusRowsSchema = z.object({ connectors: z.array(z.looseObject(statusRow)) });

export interface AccountRow {
  readonly issuer: string;
  readonly account: string;
  readonly signedInAtMs: number;
}

export type StatusReply =
  | RefusedReply
  | (Printed & {
      readonly kind: "status";
      readonly connectors: readonly StatusRow[];
      readonly accounts: readonly AccountRow[];
    });

export type DoctorReply =
  RefusedReply | (Printed & { readonly kind: "doctor"; readonly findings: readonly Finding[] });

export type LockReply = RefusedReply | (Printed & { readonly kind: "released" });

/** Who answers here. Every reply that is not 200 has `error` instead. */
export interface AgentReply {
  readonly kind: "agent";
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  /** Whether this is the window that helpers find; the others pass on to it what they get. */
  readonly leading: boolean;
}

export type ErrorReply = { readonly error: { readonly code: string; readonly message: string } };

export type CommandReply =
  HeadersReply | AuthorizeReply | StandingReply | TokenReply | StatusReply | DoctorReply | LockReply;
