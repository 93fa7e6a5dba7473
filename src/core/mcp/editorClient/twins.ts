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

/**
 * The offers that the editor knows a second time, from the file itself. Both have one name, so that only one is active:
 * the file's, until the person prefers ours.
 * @param folders those that are open.
 */
export const twinsOf = (
  offers: readonly ServerOffer[],
  version: string,
  folders: readonly string[],
): readonly ServerOffer[] =>
  readsMcpJson(version)
    ? offers.filter(({ label, connector }) => label === connector.name && isReadByEditor(connector, folders))
    : [];

/** It reads the file of an open folder, and none above or below. */
const isReadByEditor = ({ origin }: Connector, folders: readonly string[]): boolean =>
  origin.kind === "workspace" && folders.some((folder) => samePath(folder, origin.folder));
