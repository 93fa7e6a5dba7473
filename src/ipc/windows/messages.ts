import { basename } from "node:path";
import type { EndpointRecord } from "../endpoint/endpointFile.ts";
import * as z from "zod";
import { observationSchema } from "../../core/connectors/board/observationSchema.ts";
import { Secret } from "../../core/secret.ts";

/** A window's name among the others: eight digits of its own address, which is random. */
export const windowIdOf = ({ address }: EndpointRecord): string =>
  /([0-9a-f]{8})[0-9a-f]*(?:\.sock)?$/.exec(basename(address.path))?.[1] ?? "00000000";

const text = z.string().max(16_384);
/** A window's name among the others: it leads its tickets, too. */
const windowIdSchema = z.string().regex(/^[0-9a-f]{8}$/);

const key = z.codec(z.string().regex(/^[\w-]{32,}$/), z.instanceof(Secret), {
  decode: (value) => new Secret(value),
  encode: (value) => value.reveal(),
});

/** The type is that of the endpoint file, which the helper reads by itself and without zod. */
const recordSchema: z.ZodType<EndpointRecord> = z.object({
  address: z.object({ kind: z.enum(["socket", "pipe"]), path: text }),
  key,
  pid: z.number().int().positive(),
  version: text,
});

/** One connector of a window, as far as the way to it needs to know. */
const rowSchema = z.object({
  id: text,
  name: text,
  url: text,
  /** The folder in whose sessions the entry holds; absent for entries of no folder. */
  folder: text.exactOptional(),
  /** Which kind of file has the entry, as in `Scope`. */
  rank: z.number().int().default(2),
  issuer: text,
  clientId: text,
  /** Where the facade tells of this sign-in: what the window that leads has approved itself, it listens to for all. */
  events: text.exactOptional(),
  standing: z.enum(["approved", "held", "broken"]),
  /** The person is doing something about it in that window at this moment. */
  acting: z.boolean(),
  /** That window's secret storage does not work: any other that has the entry answers better. */
  ill: z.boolean().default(false),
});
export type ConnectorRow = Readonly<z.infer<typeof rowSchema>>;

/** What any window may tell all others. */
const newsSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("seen"), observations: z.array(observationSchema) }),
  /** The person approved or withdrew something: the editor keeps it, without telling other windows. */
  z.object({ kind: z.literal("approvals") }),
  /** A secret was stored or deleted, for windows whose editor does not tell them; sealed. */
  z.object({ kind: z.literal("secret"), sealed: z.string().max(1024 * 1024) }),
]);
export type News = z.infer<typeof newsSchema>;

/** One line of a connection between two windows. */
export const messageSchema = z.discriminatedUnion("kind", [
  /** A window's first: who it is, where it answers, and what it has. */
  z.object({
    kind: z.literal("hello"),
    protocol: z.number(),
    id: windowIdSchema,
    record: recordSchema,
    rows: z.array(rowSchema),
  }),
  /** The leader's first, and again whenever that changes: who is there, the leader first, and what the leader has. */
  z.object({ kind: z.literal("roster"), ids: z.array(windowIdSchema), rows: z.array(rowSchema) }),
  z.object({ kind: z.literal("rows"), rows: z.array(rowSchema) }),
  z.object({ kind: z.literal("news"), news: newsSchema }),
  /** The leader lives. */
  z.object({ kind: z.literal("beat") }),
  /** The leader goes: somebody else is to lead. */
  z.object({ kind: z.literal("leaving") }),
]);
export type Message = z.infer<typeof messageSchema>;
