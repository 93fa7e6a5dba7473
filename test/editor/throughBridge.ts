import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { bridgeCommand } from "../../src/core/config/command/bridgeCommand.ts";

/** A server that starts shows its output, which would take the focus of a menu that opens meanwhile. */
export const keepMenus = { "workbench.quickOpen.closeOnFocusLost": false };

const entry = z.looseObject({ url: z.string(), userAuth: z.looseObject({}), headers: z.unknown() });
const mcpFile = z.object({ mcpServers: z.looseObject({}) });

/** The connector's entry as a bridge, and nothing else in the file. `more` is for its `userAuth`. */
export const throughBridge = async (workspace: string, name: string, more: object = {}): Promise<void> => {
  const file = join(workspace, ".mcp.json");
  const { mcpServers } = mcpFile.parse(JSON.parse(await readFile(file, "utf8")));
  const { url, userAuth, headers } = entry.parse(mcpServers[name]);
  const bridge = { ...bridgeCommand(name), userAuth: { url, ...userAuth, ...more }, headers };
  await writeFile(file, `${JSON.stringify({ mcpServers: { [name]: bridge } }, undefined, 2)}\n`);
};

/** The same entry with its connector at another URL. @returns where it was. */
export const moveConnector = async (workspace: string, name: string, to: string): Promise<string> => {
  const file = join(workspace, ".mcp.json");
  const { mcpServers } = mcpFile.parse(JSON.parse(await readFile(file, "utf8")));
  const { userAuth, ...rest } = bridged.parse(mcpServers[name]);
  const moved = { ...rest, userAuth: { ...userAuth, url: to } };
  await writeFile(
    file,
    `${JSON.stringify({ mcpServers: { ...mcpServers, [name]: moved } }, undefined, 2)}\n`,
  );
  return userAuth.url;
};

const bridged = z.looseObject({ userAuth: z.looseObject({ url: z.string() }) });
