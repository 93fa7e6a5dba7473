/** What a server of 2026-07-28 holds a request's headers against ("Server Validation"). */
import type { IncomingHttpHeaders } from "node:http";
import { fields, names, RpcError, type Rpc } from "./wire.ts";

const mismatch = (what: string): RpcError => new RpcError(-32020, `Header mismatch: ${what}`);

const decoded = (value: string): string => {
  const [, base64] = /^=\?base64\?(.*)\?=$/.exec(value) ?? [];
  if (base64 === undefined) return value;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64))
    throw mismatch("not Base64");
  return Buffer.from(base64, "base64").toString("utf8");
};

const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "string" ? value.trim() : undefined;
};

/** By tool and argument, the header that repeats it (`x-mcp-header`). */
export type ParamHeaders = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @throws RpcError where they do not say what the body says. */
export const checkHeaders = (
  headers: IncomingHttpHeaders,
  request: Rpc,
  paramHeaders: ParamHeaders = {},
): void => {
  const { method = "", params = {} } = request;
  const version = fields(params._meta)[names.version];
  const told = headerOf(headers, "mcp-protocol-version");
  if (told === undefined) throw mismatch("MCP-Protocol-Version is missing");
  if (version === undefined) throw new RpcError(-32602, "The request names no version");
  if (told !== version) throw mismatch("MCP-Protocol-Version");
  if (headerOf(headers, "mcp-method") !== method) throw mismatch("Mcp-Method");
  const name = method === "resources/read" ? params.uri : params.name;
  const isNamed = ["tools/call", "prompts/get", "resources/read"].includes(method);
  if (isNamed) checkOne(headers, "mcp-name", name);
  if (method === "tools/call") checkParams(headers, request, paramHeaders);
};

const checkParams = (
  headers: IncomingHttpHeaders,
  { params = {} }: Rpc,
  paramHeaders: ParamHeaders,
): void => {
  for (const [param, header] of Object.entries(paramHeaders[params.name ?? ""] ?? {})) {
    const value = params.arguments?.[param];
    if (value !== undefined && value !== null) checkOne(headers, header, JSON.stringify(value));
  }
};

const checkOne = (headers: IncomingHttpHeaders, header: string, value: string | undefined): void => {
  const told = headerOf(headers, header);
  const wanted = value?.startsWith('"') === true ? (JSON.parse(value) as unknown) : value;
  if (told === undefined || decoded(told) !== wanted) throw mismatch(header);
};
