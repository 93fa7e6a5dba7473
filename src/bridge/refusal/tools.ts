import { forbiddingRules, type NamedToolRules } from "../../core/mcp/toolRules.ts";
import type { Ask, Authorization, GrantingAgent } from "../agent.ts";
import { fieldsOf, itemsOf, parsed } from "../wire/json.ts";
import { errorCodes, errorTo, paramOf, partsOf, readMessage, type RpcMessage } from "../wire/message.ts";
import { reasonTool } from "../ownAnswers.ts";

/**
 * Keeps the rules of a connector's tools: a tool that they forbid is missing in the list, and its call is not sent. The
 * rules are those that came with the right to send that very request.
 */
export class ToolGate {
  #rules: readonly NamedToolRules[] = [];
  /** By name, whether the connector's own list says that it changes nothing. */
  readonly #readOnly = new Map<string, boolean>();

  /** The agent, which refuses the calls that are forbidden as well. */
  guard(agent: GrantingAgent): GrantingAgent {
    return {
      ...agent,
      authorize: async (ask, signal) => {
        const grant = await agent.authorize(ask, signal);
        if (grant.kind !== "authorized") return grant;
        this.#rules = grant.tools;
        return (await this.#refusalOf(ask, grant.tools)) ?? grant;
      },
    };
  }

  /** The connector says what its tools are, or that they are others now. */
  hear(message: RpcMessage, request?: RpcMessage): void {
    if (message.method === "notifications/tools/list_changed") this.#readOnly.clear();
    if (message.kind !== "response" || request?.method !== "tools/list") return;
    for (const item of toolsIn(message) ?? []) {
      const { name, isReadOnly } = toolOf(item);
      if (name !== undefined) this.#readOnly.set(name, isReadOnly);
    }
  }

  /** A list of tools as the client may see it; byte for byte the same where there are no rules. */
  shown(request: RpcMessage, response: RpcMessage): RpcMessage {
    const span = partsOf(response).get("tools");
    const isList = request.method === "tools/list" && response.members.has("result") && span !== undefined;
    if (!isList || this.#rules.length === 0) return response;
    const items = toolsIn(response)?.filter((item) => this.#mayShow(item));
    const { bytes, id = "null" } = response;
    const comma = Buffer.from(",");
    const line =
      items === undefined
        ? errorTo(id, errorCodes.internal, "The connector's list of tools cannot be read.")
        : Buffer.concat([
            ...[bytes.subarray(0, span.start), Buffer.from("[")],
            ...items.flatMap((item, index) => (index === 0 ? [item] : [comma, item])),
            ...[Buffer.from("]"), bytes.subarray(span.end)],
          ]);
    return readMessage(line) ?? response;
  }

  #mayShow(item: Buffer): boolean {
    const { name, isReadOnly } = toolOf(item);
    if (name === undefined) return false;
    return name === reasonTool || forbiddingRules({ name, isReadOnly }, this.#rules) === undefined;
  }

  async #refusalOf({ message }: Ask, rules: readonly NamedToolRules[]): Promise<Authorization | undefined> {
    if (message === undefined || rules.length === 0) return undefined;
    if ((await import("../late.ts")).hasTwin(message)) return forbidden("", rules[0]);
    if (message.method !== "tools/call") return undefined;
    const name = paramOf(message, "name");
    if (typeof name !== "string") return forbidden("", rules[0]);
    const isReadOnly = this.#readOnly.get(name);
    const by = forbiddingRules({ name, isReadOnly: isReadOnly === true }, rules);
    if (by === undefined) return undefined;
    const mayYetPass = forbiddingRules({ name, isReadOnly: true }, rules) === undefined;
    return forbidden(name, by, isReadOnly === undefined && mayYetPass);
  }
}

const forbidden = (name: string, rules: NamedToolRules | undefined, isUnlisted = false): Authorization => {
  const { by = "" } = rules ?? {};
  const named = name === "" ? "A call of that form" : `The tool ${JSON.stringify(name.slice(0, 128))}`;
  const why = `${named} may not be used here: ${by} does not allow it. Nothing was sent.`;
  return { kind: "refused", why, forbiddenBy: by, isUnlisted };
};

const toolsIn = (response: RpcMessage): readonly Buffer[] | undefined => {
  const span = partsOf(response).get("tools");
  return span === undefined ? undefined : itemsOf(response.bytes.subarray(span.start, span.end));
};

const toolOf = (item: Buffer): { readonly name?: string; readonly isReadOnly: boolean } => {
  const { name, annotations } = fieldsOf(parsed(item.toString("utf8")));
  const isReadOnly = fieldsOf(annotations)["readOnlyHint"] === true;
  return typeof name === "string" ? { name, isReadOnly } : { isReadOnly };
};
