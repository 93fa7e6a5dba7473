import type { IncomingHttpHeaders } from "node:http";
import { json, type PageReply } from "../http/reply.ts";
import { checkHeaders } from "../mcp/headerCheck.ts";
import { fields, modernRevision, names, RpcError, type Rpc } from "../mcp/wire.ts";
import { answerMcp } from "./server.ts";
import type { Caller } from "./tools.ts";

const supportedVersions = [modernRevision, "2025-11-25", "2025-06-18", "2025-03-26"];
const uncached = { ttlMs: 0, cacheScope: "private" };

/** A request of MCP 2026-07-28, which says in `_meta` who asks; undefined for any other. */
export const modernIn = (message: unknown): Rpc | undefined => {
  const request: Rpc = fields(message);
  return fields(request.params?._meta)[names.version] === undefined ? undefined : request;
};

/** Answers one: the tools are those of the older protocol, in its words. */
export const answerModern = async (
  caller: Caller,
  headers: IncomingHttpHeaders,
  request: Rpc,
): Promise<PageReply> => {
  const { id, method = "", params } = request;
  try {
    checkHeaders(headers, request);
    const requested = fields(params?._meta)[names.version];
    if (requested !== modernRevision)
      throw new RpcError(-32022, "Unsupported protocol version", { supported: supportedVersions, requested });
  } catch (error) {
    const { code = -32603, message = "", data } = error instanceof RpcError ? error : {};
    return json(400, { jsonrpc: "2.0", id, error: { code, message, data } });
  }
  const serverInfo = { name: `acme-${caller.connector}`, version: "1.0.0" };
  const complete = (result: object): PageReply => {
    const more = { resultType: "complete", _meta: { [names.serverInfo]: serverInfo } };
    return json(200, { jsonrpc: "2.0", id, result: { ...more, ...result } });
  };
  if (method === "server/discover")
    return complete({ supportedVersions, capabilities: { tools: {} }, serverInfo, ...uncached });
  const reply = await answerMcp(
    caller,
    { accept: "application/json, text/event-stream", "content-type": "application/json" },
    request,
  );
  const { result } = fields(reply.body === "" ? undefined : JSON.parse(reply.body));
  if (result === undefined) return reply;
  return complete({ ...fields(result), ...(method === "tools/list" ? uncached : {}) });
};
