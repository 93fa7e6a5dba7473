import * as z from "zod";
import type { Connector } from "../../config/connector.ts";
import { samePath } from "../../paths.ts";
import type { ServerOffer } from "./offers.ts";

/** The first VS Code that reads a folder's `.mcp.json` by itself. */
const firstReader = [1, 139] as const;

/** Whether this VS Code reads a workspace folder's `.mcp.json` by itself, without its `headersHelper`. */
export const readsMcpJson = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > firstReader[0] || (major === firstReader[0] && minor >= firstReader[1]);
};

const servers = z.record(z.string(), z.object({ url: z.string() }).catch({ url: "" }));
const mcpJson = z.union([z.object({ mcpServers: servers }).transform((file) => file.mcpServers), servers]);

/**
 * Whether the editor passes over the whole of a `.mcp.json`: one `url` that it cannot read is enough, `${…}` unexpanded.
 * @param canRead the editor's own reader of URIs.
 */
export const isPassedOver = (text: string, canRead: (url: string) => boolean): boolean => {
  const read = mcpJson.safeParse(parsed(text));
  return !read.success || Object.values(read.data).some(({ url }) => !canRead(url));
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What decides which files this editor reads by itself. */
export interface EditorReading {
  readonly version: string;
  /** Those that are open. */
  readonly folders: readonly string[];
  /** The `.mcp.json` files that it passes over. */
  readonly passedOver: ReadonlySet<string>;
}

/**
 * The offers that the editor knows a second time, from the file itself. Both have one name, so that only one is active:
 * the file's, until the person prefers ours.
 */
export const twinsOf = (
  offers: readonly ServerOffer[],
  { version, folders, passedOver }: EditorReading,
): readonly ServerOffer[] =>
  readsMcpJson(version)
    ? offers.filter(
        ({ label, connector }) =>
          label === connector.name &&
          isInOpenFolder(connector, folders) &&
          !passedOver.has(connector.origin.file),
      )
    : [];

/** It reads the file of an open folder, and none above or below. */
const isInOpenFolder = ({ origin }: Connector, folders: readonly string[]): boolean =>
  origin.kind === "workspace" && folders.some((folder) => samePath(folder, origin.folder));
