import { fieldsOf, parsed } from "../wire/json.ts";
import { paramOf, paramTextOf, type RpcMessage } from "../wire/message.ts";
import { modernVersionOf } from "./modern.ts";

/** MCP 2026-07-28, "Streamable HTTP", Request Metadata: what a request says is said in its headers too. */
type Headers = Readonly<Record<string, string>>;

/** A parameter that a tool wants as a header (`x-mcp-header`). */
interface ParamHeader {
  readonly name: string;
  readonly path: readonly string[];
}

const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;

/** Knows the headers that a connector's tools ask for, from the lists that come by. */
export class ModernHeaders {
  readonly #byTool = new Map<string, readonly ParamHeader[]>();

  of(message: RpcMessage): Headers {
    const { method = "" } = message;
    const named = nameOf(message);
    return {
      "mcp-protocol-version": modernVersionOf(message) ?? "",
      "mcp-method": headerValue(method),
      ...(named === undefined ? {} : { "mcp-name": headerValue(named) }),
      ...(method === "tools/call" ? this.#params(message, named ?? "") : {}),
    };
  }

  /** Takes what a list of tools says of them. */
  learn(tools: unknown): void {
    for (const tool of Array.isArray(tools) ? tools : []) {
      const { name, inputSchema } = fieldsOf(tool);
      if (typeof name === "string") this.#byTool.set(name, [...declaredIn(inputSchema, [])]);
    }
  }

  #params(message: RpcMessage, tool: string): Headers {
    const declared = this.#byTool.get(tool) ?? [];
    if (declared.length === 0) return {};
    const given = parsed(paramTextOf(message, "arguments") ?? "");
    const pairs = declared.flatMap(({ name, path }) => {
      const value = textOf(path.reduce<unknown>((at, key) => fieldsOf(at)[key], given));
      return value === undefined ? [] : [[`mcp-param-${name}`.toLowerCase(), headerValue(value)] as const];
    });
    return Object.fromEntries(pairs);
  }
}

/** What a request is about: the tool, the prompt, the resource, or the task of an extension. */
const nameOf = (message: RpcMessage): string | undefined => {
  const member = namedBy.get(message.method ?? "");
  const name = member === undefined ? undefined : paramOf(message, member);
  return typeof name === "string" ? name : undefined;
};

const namedBy: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

/** Along `properties` alone, as the specification has it. */
const declaredIn = function* (schema: unknown, path: readonly string[]): Generator<ParamHeader, undefined> {
  for (const [key, property] of Object.entries(fieldsOf(fieldsOf(schema)["properties"]))) {
    const name = fieldsOf(property)["x-mcp-header"];
    const here = [...path, key];
    if (typeof name === "string" && token.test(name)) yield { name, path: here };
    if (here.length < 20) yield* declaredIn(property, here);
  }
  return undefined;
};

const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  return typeof value === "boolean" || Number.isSafeInteger(value) ? String(value) : undefined;
};

/** As it is where a header may hold it, else in the specification's Base64 form. */
export const headerValue = (value: string): string =>
  /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) && !/^=\?base64\?.*\?=$/.test(value)
    ? value
    : `=?base64?${Buffer.from(value).toString("base64")}?=`;
