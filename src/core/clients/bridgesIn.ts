import * as z from "zod";
import { isBridge } from "../config/command/bridgeCommand.ts";
import { startIn } from "../config/entry/bridgeEntry.ts";

const fileSchema = z.looseObject({
  userAuth: z.unknown().optional(),
  mcpServers: z.record(z.string(), z.unknown()).default({}),
});

/**
 * The servers that a `.mcp.json` names, and whether each starts `lanyard bridge` for itself. What else is wrong with one
 * the bridge says when it starts. Nothing for what is no such file.
 */
export const bridgesIn = (text: string): ReadonlyMap<string, boolean> => {
  const file = fileSchema.safeParse(valueOf(text.replace(/^\ufeff/, "")));
  if (!file.success) return new Map();
  const { userAuth, mcpServers } = file.data;
  return new Map(
    Object.entries(mcpServers).map(([name, entry]) => {
      const start = startIn(entry);
      const isOurs = userAuth !== undefined || hasUserAuth(entry);
      return [name, isOurs && start !== undefined && isBridge(start, name)];
    }),
  );
};

const hasUserAuth = (entry: unknown): boolean =>
  typeof entry === "object" && entry !== null && Object.hasOwn(entry, "userAuth");

const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
