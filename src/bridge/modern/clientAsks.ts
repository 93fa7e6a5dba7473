import { randomBytes } from "node:crypto";
import { ownMessage, type RpcMessage } from "../wire/message.ts";

/** What the bridge itself asks of the client, in MCP up to 2025-11-25. */
export class ClientAsks {
  readonly #write: (line: Buffer) => Promise<void>;
  readonly #asked = new Map<string, (answer: RpcMessage) => void>();

  constructor(write: (line: Buffer) => Promise<void>) {
    this.#write = write;
  }

  /** @returns whether an answer of the client's was to a question from here. */
  take(answer: RpcMessage): boolean {
    const take = answer.id === undefined ? undefined : this.#asked.get(answer.id);
    take?.(answer);
    return take !== undefined;
  }

  /** @returns the client's answer, or undefined once the signal fires. */
  async ask(method: string, params: object, signal: AbortSignal): Promise<RpcMessage | undefined> {
    const id = `lanyard-${randomBytes(9).toString("base64url")}`;
    const key = JSON.stringify(id);
    try {
      return await new Promise((resolve, reject) => {
        this.#asked.set(key, resolve);
        if (signal.aborted) resolve(undefined);
        signal.addEventListener("abort", () => resolve(undefined), { once: true });
        this.#write(ownMessage({ id, method, params }).bytes).catch(reject);
      });
    } finally {
      this.#asked.delete(key);
    }
  }
}
