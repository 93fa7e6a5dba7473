import * as z from "zod";

/** The versions of the Model Context Protocol that this client speaks, the one it offers first. */
const protocolVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

export const offeredVersion: string = protocolVersions[0];

export const isSpoken = (version: string): boolean => protocolVersions.some((each) => each === version);

/** A JSON-RPC 2.0 reply. Servers may send more than is named here, and it is ignored. */
const replySchema = z.union([
  z.object({ jsonrpc: z.literal("2.0"), id: z.number(), result: z.record(z.string(), z.unknown()) }),
  z.object({
    jsonrpc: z.literal("2.0"),
    id: z.number().nullish(),
    error: z.object({ code: z.number(), message: z.string() }),
  }),
]);

export type RpcReply = z.output<typeof replySchema>;

/** What `initialize` answers (MCP, "Lifecycle"). */
export const initializedSchema = z.object({
  protocolVersion: z.string(),
  capabilities: z.object({ tools: z.unknown().optional() }),
  serverInfo: z.object({ name: z.string(), version: z.string().optional() }),
});

export type Initialized = z.output<typeof initializedSchema>;

/** One page of `tools/list` (MCP, "Tools"). */
export const toolPageSchema = z.object({
  tools: z.array(z.object({ name: z.string() })),
  nextCursor: z.string().optional(),
});

/** The reply with this id among what a text holds: one message, or several (MCP 2025-03-26 knows batches). */
export const replyIn = (text: string, id: number): RpcReply | undefined => {
  const messages: unknown = parsed(text);
  for (const message of Array.isArray(messages) ? (messages as readonly unknown[]) : [messages]) {
    const reply = replySchema.safeParse(message);
    if (!reply.success) continue;
    if (reply.data.id === id) return reply.data;
    // JSON-RPC 2.0, section 5: the id is null where the server could not read it from the request.
    if ("error" in reply.data && typeof reply.data.id !== "number") return reply.data;
  }
  return undefined;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const refusalSchema = z.object({
  error: z
    .union([z.string(), z.object({ message: z.string() })])
    .optional()
    .catch(undefined),
  error_description: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

/** What the body of a refusal says to people: of a JSON-RPC error, an OAuth error (RFC 6749), or a plain message. */
export const messageIn = (text: string): string | undefined => {
  const refusal = refusalSchema.safeParse(parsed(text));
  if (!refusal.success) return undefined;
  const { error, error_description: description, message } = refusal.data;
  return description ?? message ?? (typeof error === "object" ? error.message : error);
};
