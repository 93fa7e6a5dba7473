import { ownRequest } from "../ownRequests.ts";
import type { RpcMessage } from "../wire/message.ts";

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
    const request = ownRequest(method, params);
    const key = request.id ?? "";
    try {
      return await new Promise((resolve, reject) => {
        this.#asked.set(key, resolve);
        if (signal.aborted) resolve(undefined);
        signal.addEventListener("abort", () => resolve(undefined), { once: true });
        this.#write(request.bytes).catch(reject);
      });
    } finally {
      this.#asked.delete(key);
    }
  }
}
