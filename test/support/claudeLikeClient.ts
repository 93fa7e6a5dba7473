import { spawn } from "node:child_process";
import { once } from "node:events";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import * as z from "zod";

export interface ClaudeOptions {
  readonly server: string;
  readonly url: string;
  /** As the entry of .mcp.json has it. */
  readonly headersHelper: string;
  /** What the entry itself sets: the helper's come before them where the names are the same. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The project's folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the person reads when Claude Code itself refuses to send: nothing has left the machine. */
export class RefusedLocally extends Error {
  override readonly name = "RefusedLocally";
}

/** What the model reads once Claude Code has given the server up. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

const helperTimeoutMs = 10_000;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * An MCP client that treats its helper as Claude Code does: `/bin/sh -c` in the project's folder, with the connector's
 * name and URL in the environment; once a connection, and again when the connector answers 401, after which it connects
 * anew and repeats the call. What the helper prints is used or, where no client could send it, refused: from then on it
 * asks nobody and every call fails, until the person reconnects. It fails open: a helper that fails means a connection
 * without its headers. `npm run test:clients` shows the same of the real one.
 */
export class ClaudeLikeClient implements AsyncDisposable {
  readonly #options: ClaudeOptions;
  #client: Client | undefined;
  #helperRuns = 0;

  constructor(options: ClaudeOptions) {
    this.#options = options;
  }

  /** How often the helper ran so far. */
  get helperRuns(): number {
    return this.#helperRuns;
  }

  /** At the start, and by `/mcp reconnect`. @throws RefusedLocally with the text that the person sees. */
  async connect(): Promise<void> {
    await this.close();
    const requestInit = { headers: checked({ ...this.#options.headers, ...(await this.#runHelper()) }) };
    const client = new Client({ name: "claude-like", version: "1.0.0" });
    const transport = new StreamableHTTPClientTransport(new URL(this.#options.url), { requestInit });
    await client.connect(transport);
    this.#client = client;
  }

  /** The text of the tool's result. @throws GivenUp, or what the connector answered. */
  async callTool(name: string, args: Readonly<Record<string, unknown>>): Promise<string> {
    try {
      return await this.#call(name, args);
    } catch (error) {
      if (!(error instanceof StreamableHTTPError) || error.code !== 401) throw error;
    }
    try {
      await this.connect();
    } catch (error) {
      if (!(error instanceof RefusedLocally)) throw error;
      const { server } = this.#options;
      throw new GivenUp(`MCP server "${server}" rejected the credential from its headersHelper`);
    }
    return this.#call(name, args);
  }

  async close(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(name: string, args: Readonly<Record<string, unknown>>): Promise<string> {
    if (this.#client === undefined) {
      throw new GivenUp(`MCP server "${this.#options.server}" is not connected`);
    }
    const result = contentSchema.parse(await this.#client.callTool({ name, arguments: { ...args } }));
    return result.content.map(({ text }) => text).join("\n");
  }

  /** Whatever goes wrong, an empty object: Claude Code then connects without the helper's headers. */
  async #runHelper(): Promise<Readonly<Record<string, string>>> {
    this.#helperRuns += 1;
    const { server, url, headersHelper, cwd, env } = this.#options;
    const child = spawn("/bin/sh", ["-c", headersHelper], {
      cwd,
      env: { ...env, CLAUDE_CODE_MCP_SERVER_NAME: server, CLAUDE_CODE_MCP_SERVER_URL: url },
      stdio: ["pipe", "pipe", "ignore"],
      timeout: helperTimeoutMs,
      killSignal: "SIGKILL",
    });
    child.stdin.end();
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await once(child, "close");
    if (child.exitCode !== 0) return {};
    const headers = headersSchema.safeParse(jsonOf(printed));
    return headers.success ? headers.data : {};
  }
}

const headersSchema = z.record(z.string(), z.string());
const contentSchema = z.looseObject({ content: z.array(z.looseObject({ text: z.string() })) });

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const checked = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name)) throw new RefusedLocally(`Invalid header name: '${name}'`);

    // What stands at the end is trimmed, and every other control is sent.
    if (/[\r\n\0]|[^\u0000-\u00ff]/.test(value.trimEnd())) {
      throw new RefusedLocally(`Header '${name}' has invalid value`);
    }
  }
  return { ...headers };
};
