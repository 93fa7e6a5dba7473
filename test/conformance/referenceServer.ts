/** An MCP server of both eras, or of one, as the conformance suite wants it: lines in, lines out. */
import { listOf } from "./lists.ts";
import { capabilitiesIn, prompts, readResource, tools, type Asking } from "./tools.ts";
import {
  fields,
  modernRevision,
  names,
  RpcError,
  type Conversation,
  type Converse,
  type Params,
  type Rpc,
} from "../../demo/mcp/wire.ts";

export type Eras = "both" | "stateful" | "modern";

const spoken = ["2025-11-25", "2025-06-18", "2025-03-26"];
const serverInfo = { name: "reference", version: "1.0.0" };
const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  logging: {},
  completions: {},
};

export const referenceServer =
  (eras: Eras = "both"): Converse =>
  (onLine) =>
    new Reference(eras, onLine);

class Reference implements Conversation {
  readonly #eras: Eras;
  readonly #onLine: (line: string) => void;
  readonly #asked = new Map<unknown, (answer: Rpc) => void>();
  readonly #cancelled = new Set<unknown>();
  /** The clients that listen for changes, by the id of their request. */
  readonly #listening = new Map<unknown, Params>();
  #capabilities: Readonly<Record<string, unknown>> = {};
  #next = 1;

  constructor(eras: Eras, onLine: (line: string) => void) {
    this.#eras = eras;
    this.#onLine = onLine;
  }

  send(line: string): void {
    const message = JSON.parse(line) as Rpc;
    if (message.method === undefined) this.#asked.get(message.id)?.(message);
    else if (message.id === undefined) this.#hear(message);
    else void this.#serve(message);
  }

  close(): Promise<void> {
    this.#listening.clear();
    return Promise.resolve();
  }

  #hear({ method, params }: Rpc): void {
    if (method !== "notifications/cancelled") return;
    this.#cancelled.add(params?.["requestId"]);
    this.#listening.delete(params?.["requestId"]);
  }

  async #serve({ id, method = "", params = {} }: Rpc): Promise<void> {
    try {
      const version = fields(params._meta)[names.version];
      const isModern = version !== undefined;
      this.#check(method, params, version);
      const result = await this.#result({ id, method, params }, isModern);
      if (result === undefined || this.#cancelled.has(id)) return;
      const more = isModern ? { resultType: "complete", _meta: { [names.serverInfo]: serverInfo } } : {};
      this.#say({ id, result: { ...more, ...result } });
    } catch (error) {
      const { code = -32603, message = "", data } = error instanceof RpcError ? error : {};
      this.#say({ id, error: { code, message, ...(data === undefined ? {} : { data }) } });
    }
  }

  #check(method: string, params: Params, version: unknown): void {
    const supported = this.#supported;
    if (version !== undefined && this.#eras === "stateful") throw new RpcError(-32601, "Method not found");
    if (version !== undefined && version !== modernRevision)
      throw new RpcError(-32022, "Unsupported protocol version", { supported, requested: version });
    if (version !== undefined && typeof fields(params._meta)[names.capabilities] !== "object")
      throw new RpcError(-32602, "The request does not say what the client can do");
    if (version === undefined && this.#eras === "modern")
      throw new RpcError(method === "initialize" ? -32022 : -32602, "Only 2026-07-28 is spoken here", {
        supported,
      });
  }

  async #result(request: Rpc, isModern: boolean): Promise<object | undefined> {
    const { id, method = "", params = {} } = request;
    const list = listOf(method);
    if (list !== undefined) return list;
    const own = isModern ? this.#modern(id, method, params) : this.#stateful(method, params);
    if (own !== "none") return own;
    const asking = this.#asking(request, isModern);
    switch (method) {
      case "tools/call":
        return this.#run(tools[params.name ?? ""], asking, `Unknown tool: ${params.name ?? ""}`);
      case "prompts/get":
        return this.#run(prompts[params.name ?? ""], asking, `Unknown prompt: ${params.name ?? ""}`);
      case "resources/read":
        return { ...readResource(params.uri ?? ""), ttlMs: 0, cacheScope: "private" };
      case "completion/complete":
        return { completion: { values: ["paris", "park", "party"], total: 3, hasMore: false } };
      default:
        throw new RpcError(-32601, "Method not found");
    }
  }

  get #supported(): readonly string[] {
    return this.#eras === "modern" ? [modernRevision] : [modernRevision, ...spoken];
  }

  #stateful(method: string, params: Params): object | "none" {
    switch (method) {
      case "initialize": {
        this.#capabilities = fields(params["capabilities"]);
        const asked = spoken.find((each) => each === params["protocolVersion"]);
        return { protocolVersion: asked ?? spoken[0], capabilities, serverInfo };
      }
      case "ping":
      case "logging/setLevel":
      case "resources/subscribe":
      case "resources/unsubscribe":
        return {};
      default:
        return "none";
    }
  }

  #modern(id: Rpc["id"], method: string, params: Params): object | "none" | undefined {
    if (method === "server/discover")
      return {
        supportedVersions: this.#supported,
        capabilities,
        serverInfo,
        ttlMs: 0,
        cacheScope: "private",
      };
    if (method !== "subscriptions/listen") return "none";
    const { notifications } = params;
    this.#listening.set(id, params);
    const _meta = { [names.subscription]: id };
    this.#say({ method: "notifications/subscriptions/acknowledged", params: { notifications, _meta } });
    return undefined;
  }

  async #run(
    tool: ((asking: Asking) => unknown) | undefined,
    asking: Asking,
    otherwise: string,
  ): Promise<object> {
    if (tool === undefined) throw new RpcError(-32602, otherwise);
    const name = asking.params.name ?? "";
    const result = await tool(asking);
    if (/trigger_(?:tool|prompt)_change/.test(name))
      this.#changed(name.includes("tool") ? "tools" : "prompts");
    return fields(result);
  }

  /** Tells those who listen that something changed. */
  #changed(kind: string): void {
    for (const [id, { notifications }] of this.#listening)
      if (fields(notifications)[`${kind}ListChanged`] === true)
        this.#say({
          method: `notifications/${kind}/list_changed`,
          params: { _meta: { [names.subscription]: id } },
        });
  }

  #asking({ params = {} }: Rpc, isModern: boolean): Asking {
    const mayLog = !isModern || fields(params._meta)[names.logLevel] !== undefined;
    return {
      isModern,
      params,
      capabilities: isModern ? capabilitiesIn(params) : this.#capabilities,
      say: (method, said) => {
        if (method !== "notifications/message" || mayLog) this.#say({ method, params: said });
      },
      ask: (method, asked) => this.#ask(method, asked, isModern),
    };
  }

  async #ask(method: string, params: object, isModern: boolean): Promise<unknown> {
    const [capability = ""] = method.split("/");
    if (isModern || !(capability in this.#capabilities))
      throw new RpcError(-32602, `The client has no ${capability}`);
    const id = `s-${this.#next++}`;
    const answer = new Promise<Rpc>((resolve) => this.#asked.set(id, resolve));
    this.#say({ id, method, params });
    const { result, error } = await answer;
    if (error !== undefined) throw new RpcError(error.code, error.message);
    return result;
  }

  #say(message: object): void {
    this.#onLine(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }
}
