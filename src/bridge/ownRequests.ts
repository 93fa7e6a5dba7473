import { randomBytes } from "node:crypto";
import { metaOf } from "./modern/modern.ts";
import { ownMessage, type RpcMessage } from "./wire/message.ts";

/** A question of the bridge's own. Its id is nobody else's: MCP takes each once in a session. */
export const ownRequest = (method: string, params: object): RpcMessage =>
  ownMessage({ id: `lanyard-${randomBytes(9).toString("base64url")}`, method, params });

/** Asks for the tools in the name of a request: who asks is said as there, and no progress is told. */
export const toolsRequest = (request: RpcMessage, cursor?: string): RpcMessage => {
  const { progressToken: _none, ...meta } = metaOf(request);
  return ownRequest("tools/list", { ...(cursor === undefined ? {} : { cursor }), _meta: meta });
};
