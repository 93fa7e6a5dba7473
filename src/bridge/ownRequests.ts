import { randomBytes } from "node:crypto";
import { metaOf } from "./modern/modern.ts";
import { ownMessage, paramOf, type RpcMessage } from "./wire/message.ts";

/** A question of the bridge's own. Its id is nobody else's: MCP takes each once in a session. */
export const ownRequest = (method: string, params: object): RpcMessage =>
  ownMessage({ id: `lanyard-${randomBytes(9).toString("base64url")}`, method, params });

/** Asks for the tools in the name of a request: who asks is said as there, and no progress is told. */
export const toolsRequest = (request: RpcMessage, cursor?: string): RpcMessage => {
  const { progressToken: _none, ...meta } = metaOf(request);
  return ownRequest("tools/list", { ...(cursor === undefined ? {} : { cursor }), _meta: meta });
};

const mostPages = 20;

/**
 * Asks for all tools, page by page.
 *
 * @param ask - sends one question; undefined where no answer came.
 * @returns whether any were told.
 */
export const askForTools = async (
  request: RpcMessage,
  ask: (list: RpcMessage) => Promise<RpcMessage | undefined>,
): Promise<boolean> => {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: RpcMessage | undefined = await ask(toolsRequest(request, cursor));
    if (answer?.members.has("result") !== true) return page > 0;
    const next: unknown = paramOf(answer, "nextCursor");
    if (typeof next !== "string") return true;
    cursor = next;
  }
  return true;
};
