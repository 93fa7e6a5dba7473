import { fieldsOf, parsed } from "./wire/json.ts";
import { paramOf, type RpcMessage } from "./wire/message.ts";
import { metaNames, metaOf } from "./modern/modern.ts";

/** Its answers to `initialize` and to `server/discover`, its tools, and what it speaks with a client of an older era. */
export type RememberedName = "initialize" | "discover" | "tools" | "era";

/** What a connector said the last time, kept as JSON for when it is not there. */
export interface Remembered {
  get(what: RememberedName): string | undefined;
  keep(what: RememberedName, json: string): void;
  /** Resolves once what was to be kept is, as far as it can be. */
  kept(): Promise<void>;
}

interface ReasonTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
}

/** The one tool of a connector whose own are not known. */
export const reasonTool = "lanyard_why_no_tools";

const spoken = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/** The result of `initialize` in the connector's place. What it has to offer may yet come, so lists may change. */
export const ownInitialize = (server: string, asked: unknown, memory: Remembered): string => {
  const known = fieldsOf(parsed(memory.get("initialize") ?? ""));
  const version = spoken.find((each) => each === asked) ?? spoken[0];
  const capabilities = fieldsOf(known["capabilities"]);
  const tools = { ...fieldsOf(capabilities["tools"]), listChanged: true };
  return JSON.stringify({
    ...{ serverInfo: { name: server, version: "0" }, ...known },
    ...{ protocolVersion: version, capabilities: { ...capabilities, tools } },
  });
};

/** The result of `initialize` for a server that answered `server/discover`. */
export const initializeFrom = (discovered: RpcMessage, asked: unknown): string => {
  const serverInfo = metaOf(discovered)[metaNames.serverInfo] ?? paramOf(discovered, "serverInfo");
  return JSON.stringify({
    protocolVersion: spoken.find((each) => each === asked) ?? spoken[0],
    capabilities: paramOf(discovered, "capabilities"),
    serverInfo: serverInfo ?? { name: "unknown", version: "0" },
    instructions: paramOf(discovered, "instructions"),
  });
};

/** What every result of MCP 2026-07-28 says of itself; the list may be another at any time. */
const passing = `"resultType":"complete","ttlMs":0,"cacheScope":"private"`;

/** The result of `tools/list` in the connector's place: some clients never ask again after an empty list. */
export const toolListOf = (memory: Remembered, why: string): string => {
  const tools = memory.get("tools");
  if (tools !== undefined && tools !== "[]") return `{${passing},"tools":${tools}}`;
  const description = `This connector has no tools at the moment. ${why} Call this tool to try again.`;
  const tool: ReasonTool = {
    name: reasonTool,
    description,
    inputSchema: { type: "object", properties: {} },
  };
  return `{${passing},"tools":${JSON.stringify([tool])}}`;
};
