import { toolsRequest } from "../ownRequests.ts";
import { paramOf, type RpcMessage } from "../wire/message.ts";

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
