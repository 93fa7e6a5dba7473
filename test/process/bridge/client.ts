/** A client of a real bridge: raw JSON-RPC on its stdin and stdout. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Reply {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>> & {
    readonly content?: readonly { readonly text?: string }[];
    readonly tools?: readonly { readonly name: string; readonly description?: string }[];
  };
  readonly error?: { readonly code: number; readonly message: string };
}

export interface BridgeStart {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments after the name. */
  readonly more?: readonly string[];
}

export const capabilities = { roots: {}, sampling: {}, elicitation: { form: {}, url: {} } };

export class BridgeClient {
  readonly child: ChildProcess;
  readonly messages: Reply[] = [];
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  stderr = "";
  onAsk: ((message: Reply) => object | undefined) | undefined;
  #next = 1;

  constructor(home: string, name: string, options: BridgeStart = {}) {
    this.child = spawn(
      process.execPath,
      [join(home, "lib/lanyard.cjs"), "bridge", name, ...(options.more ?? [])],
      {
        cwd: options.cwd ?? home,
        env: { PATH: process.env["PATH"], LANYARD_HOME: home, ...options.env },
      },
    );
    const rest: Buffer[] = [];
    this.child.stdout?.on("data", (chunk: Buffer) => {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        this.#line(Buffer.concat([...rest.splice(0), chunk.subarray(from, end)]).toString("utf8"));
        from = end + 1;
      }
      rest.push(chunk.subarray(from));
    });
    this.child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString("utf8")));
    this.child.stdin?.on("error", () => undefined);
    this.child.once("exit", () => this.#wake());
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  send(message: object | string): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    this.child.stdin?.write(`${text}\n`);
  }

  /** The first message that fits, those that have come included. */
  async heard(fits: (message: Reply) => boolean, ms = 10_000): Promise<Reply | undefined> {
    const endMs = Date.now() + ms;
    for (;;) {
      const found = this.messages.find(fits);
      const leftMs = endMs - Date.now();
      if (found !== undefined || leftMs <= 0 || !this.isAlive) return found;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async ask(method: string, params: object = {}, ms = 10_000): Promise<Reply> {
    const id = this.#next++;
    this.send({ jsonrpc: "2.0", id, method, params });
    const reply = await this.heard((each) => each.id === id && each.method === undefined, ms);
    if (reply === undefined) throw new Error(`No answer to ${method}. ${this.stderr}`);
    return reply;
  }

  call(name: string, args: object = {}, ms = 10_000): Promise<Reply> {
    return this.ask("tools/call", { name, arguments: args }, ms);
  }

  async begin(declared: object = capabilities): Promise<Reply> {
    const clientInfo = { name: "test", version: "1" };
    const reply = await this.ask("initialize", {
      ...{ protocolVersion: "2025-11-25", capabilities: declared, clientInfo },
    });
    this.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    return reply;
  }

  /** Closes its stdin. @returns how long it took to end, in milliseconds. */
  async end(): Promise<number> {
    const startedMs = Date.now();
    if (!this.isAlive) return 0;
    const closed = once(this.child, "close");
    this.child.stdin?.end();
    await closed;
    return Date.now() - startedMs;
  }

  #line(line: string): void {
    this.lines.push(line);
    const message = JSON.parse(line) as Reply;
    this.messages.push(message);
    const answer =
      message.method !== undefined && message.id !== undefined ? this.onAsk?.(message) : undefined;
    if (answer !== undefined) this.send({ jsonrpc: "2.0", id: message.id, ...answer });
    this.#wake();
  }

  #wake(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of all) wake();
  }
}

export const textIn = (reply: Reply): string =>
  reply.result?.content?.[0]?.text ?? reply.error?.message ?? "";
