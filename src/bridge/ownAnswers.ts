import { fieldsOf, parsed } from "./json.ts";

/** What a connector said the last time, kept for when it is not there: its answer to `initialize`, and its tools. */
export interface Remembered {
  get(what: "initialize" | "tools"): string | undefined;
  keep(what: "initialize" | "tools", json: string): void;
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

/** The result of `tools/list` in the connector's place: some clients never ask again after an empty list. */
export const toolListOf = (memory: Remembered, why: string): string => {
  const tools = memory.get("tools");
  if (tools !== undefined && tools !== "[]") return `{"tools":${tools}}`;
  const description = `This connector has no tools at the moment. ${why} Call this tool to try again.`;
  const tool: ReasonTool = {
    name: reasonTool,
    description,
    inputSchema: { type: "object", properties: {} },
  };
  return JSON.stringify({ tools: [tool] });
};
