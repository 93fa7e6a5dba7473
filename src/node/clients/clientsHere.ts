import { existsSync } from "node:fs";
import * as path from "node:path";
import { clientIds, knownClients, type ClientId } from "../../core/clients/clients.ts";
import { findOnPath, pathOf } from "../searchPath.ts";

/** What says where clients keep what is theirs. */
export interface ClientMachine {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** A client's own folder, which its first start makes, and in it the file that names servers; `.mcp.json` needs none. */
interface OwnPlace {
  readonly folder: string;
  readonly file?: string;
}

/** As docs/clients.md has it; the same below the home on each system, as the clients themselves have it. */
export const ownPlaceOf = (id: ClientId, { home, env, platform }: ClientMachine): OwnPlace => {
  const set = (name: string, otherwise: string): string => env[name] || path.join(home, otherwise);
  switch (id) {
    case "claude-code":
      return { folder: set("CLAUDE_CONFIG_DIR", ".claude") };
    case "vscode":
      return { folder: path.join(home, ".vscode") };
    case "copilot":
      return { folder: set("COPILOT_HOME", ".copilot") };
    case "qwen":
      return { folder: path.join(home, ".qwen") };
    case "codex": {
      const folder = set("CODEX_HOME", ".codex");
      return { folder, file: path.join(folder, "config.toml") };
    }
    case "gemini": {
      const folder = path.join(home, ".gemini");
      return { folder, file: path.join(folder, "settings.json") };
    }
    case "opencode": {
      const config = platform === "win32" ? path.join(home, ".config") : set("XDG_CONFIG_HOME", ".config");
      const folder = path.join(config, "opencode");
      const withComments = path.join(folder, "opencode.jsonc");
      const file = existsSync(withComments) ? withComments : path.join(folder, "opencode.json");
      return { folder, file };
    }
    case "cline": {
      const folder = path.join(home, ".cline");
      return { folder, file: path.join(folder, "data/settings/cline_mcp_settings.json") };
    }
    case "continue": {
      const folder = path.join(home, ".continue");
      return { folder, file: path.join(folder, "config.yaml") };
    }
  }
};

/** The clients that are on this machine: by their program on the PATH, or the folder that they have made. */
export const clientsHere = async (around: ClientMachine): Promise<readonly ClientId[]> => {
  const { env, platform } = around;
  const isHere = async (id: ClientId): Promise<boolean> =>
    existsSync(ownPlaceOf(id, around).folder) ||
    (await findOnPath(knownClients[id].program, pathOf(env), platform)) !== undefined;
  const found = await Promise.all(clientIds.map(isHere));
  return clientIds.filter((_, index) => found[index] === true);
};
