import type { StartCommand } from "../config/command/bridgeCommand.ts";
import type { ClientFormat } from "./format.ts";
import { jsonFormat } from "./jsonFormat.ts";
import { tomlFormat } from "./tomlFormat.ts";
import { yamlFormat } from "./yamlFormat.ts";

/** How a client comes to the connectors of a folder. */
export type Reads =
  /** It reads `.mcp.json` by itself. */
  | { readonly kind: "team"; readonly onceApproved: boolean }
  /** It reads a file of the person's own, which has to name the connector. */
  | { readonly kind: "own"; readonly format: ClientFormat };

const servers = (entry: StartCommand): object => ({ ...entry });
const mcpServers: Reads = { kind: "own", format: jsonFormat({ servers: "mcpServers", write: servers }) };
const openCode: Reads = {
  kind: "own",
  format: jsonFormat({
    servers: "mcp",
    write: ({ command, args }) => ({ type: "local", command: [command, ...args], enabled: true }),
  }),
};
const team: Reads = { kind: "team", onceApproved: false };

/** The clients that Lanyard knows (docs/clients.md says with which the bridge was run), by the names that `lanyard clients --client` takes. */
export const knownClients = {
  "claude-code": { title: "Claude Code", program: "claude", reads: team },
  vscode: { title: "VS Code", program: "code", reads: team },
  copilot: { title: "Copilot CLI", program: "copilot", reads: team },
  qwen: { title: "Qwen Code", program: "qwen", reads: { kind: "team", onceApproved: true } },
  codex: { title: "Codex", program: "codex", reads: { kind: "own", format: tomlFormat } },
  gemini: { title: "Gemini CLI", program: "gemini", reads: mcpServers },
  opencode: { title: "OpenCode", program: "opencode", reads: openCode },
  cline: { title: "Cline", program: "cline", reads: mcpServers },
  continue: { title: "Continue", program: "cn", reads: { kind: "own", format: yamlFormat } },
} as const satisfies Readonly<
  Record<string, { readonly title: string; readonly program: string; readonly reads: Reads }>
>;

export type ClientId = keyof typeof knownClients;

export const clientIds = Object.keys(knownClients) as readonly ClientId[];

export const isClientId = (text: string): text is ClientId => Object.hasOwn(knownClients, text);
