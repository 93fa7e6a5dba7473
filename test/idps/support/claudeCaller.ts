import type { ClaudeCode } from "../../../scripts/clients/claudeCode.ts";
import { openClaudeFolder, type ClaudeFolder } from "../../clients/support/claudeFolder.ts";
import { startModel } from "../../clients/support/model.ts";

type Model = Awaited<ReturnType<typeof startModel>>;

export interface CallerOptions {
  readonly client: ClaudeCode;
  readonly lanyardHome: string;
  /** Where the person works, if it is not made here. */
  readonly project?: string;
}

/** The real Claude Code before a model that calls what it is told to. */
export class ClaudeCaller implements AsyncDisposable {
  readonly folder: ClaudeFolder;
  readonly #model: Model;
  readonly #options: CallerOptions;

  private constructor(folder: ClaudeFolder, model: Model, options: CallerOptions) {
    this.folder = folder;
    this.#model = model;
    this.#options = options;
  }

  static async open(options: CallerOptions): Promise<ClaudeCaller> {
    const model = await startModel();
    const { project } = options;
    const folder = await openClaudeFolder({
      ...{ isTrusted: true, modelUrl: model.url },
      ...(project === undefined ? {} : { project }),
    });
    return new ClaudeCaller(folder, model, options);
  }

  /** What `claude mcp list` says. */
  list(): Promise<string> {
    return this.#claude("mcp", "list");
  }

  /** Has the client call the server's tool. @returns what the model heard of it. */
  async whoami(server: string): Promise<unknown> {
    const before = this.#model.toolResults.length;
    const tool = `mcp__${server}__whoami`;
    await this.#claude("-p", `call ${tool} {}`, "--allowedTools", tool);
    return JSON.parse(this.#model.toolResults.slice(before)[0] ?? "");
  }

  async #claude(...args: readonly string[]): Promise<string> {
    const { client, lanyardHome } = this.#options;
    return (await this.folder.run(client, args, { env: { LANYARD_HOME: lanyardHome } })).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
    await this.#model[Symbol.asyncDispose]();
  }
}
