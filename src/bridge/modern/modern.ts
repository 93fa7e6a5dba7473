import { fieldsOf, valueIn } from "../wire/json.ts";
import { paramOf, partsOf, type RpcMessage } from "../wire/message.ts";

/** MCP from 2026-07-28 on: every request says by itself who asks, in what version, and what they can do. */
export const modernVersion = "2026-07-28";

/** Names in `_meta` ("Overview", `_meta`). */
export const metaNames = {
  version: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  subscription: "io.modelcontextprotocol/subscriptionId",
  serverInfo: "io.modelcontextprotocol/serverInfo",
} as const;

/** What servers have lists of, and may tell that they changed. */
export const listKinds = ["tools", "prompts", "resources"] as const;

export const acknowledged = "notifications/subscriptions/acknowledged";

/** The errors that only a modern server answers with ("Overview", Error Codes). */
export const modernErrors = { headerMismatch: -32020, missingCapability: -32021, version: -32022 } as const;

export const metaOf = (message: RpcMessage): Readonly<Record<string, unknown>> =>
  fieldsOf(paramOf(message, "_meta"));

/** The version that a request names by itself; undefined for one of a client that began with `initialize`. */
export const modernVersionOf = (message: RpcMessage): string | undefined => {
  if (message.kind !== "request" || !partsOf(message).has("_meta")) return undefined;
  const version = metaOf(message)[metaNames.version];
  return typeof version === "string" ? version : undefined;
};

export const isModern = (message: RpcMessage): boolean => modernVersionOf(message) !== undefined;

export const errorCodeOf = ({ bytes, members }: RpcMessage): unknown =>
  fieldsOf(valueIn(bytes, members.get("error")))["code"];

export const isModernError = (message: RpcMessage): boolean =>
  Object.values<unknown>(modernErrors).includes(errorCodeOf(message));
