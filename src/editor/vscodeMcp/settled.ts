import * as z from "zod";
import type { ServerOffer } from "../../core/mcp/editorClient/offers.ts";
import type { MemoryPort } from "../../core/ports.ts";

const memoryKey = "lanyard.vscodeMcpSettled.v1";

const settledSchema = z.object({
  /** The person wants to hear no more of it in this workspace. */
  silent: z.boolean(),
  /** The servers for which they went through the editor's menu. */
  labels: z.array(z.string()),
});

/** For which servers the question, whose the editor is to use, is settled in this workspace. */
export class Settled {
  readonly #memory: MemoryPort;

  constructor(workspaceMemory: MemoryPort) {
    this.#memory = workspaceMemory;
  }

  get isSilent(): boolean {
    return this.#read().silent;
  }

  /** Those that the person was not led to yet. */
  openOf(offers: readonly ServerOffer[]): readonly ServerOffer[] {
    const { labels } = this.#read();
    return offers.filter(({ label }) => !labels.includes(label));
  }

  async add(offers: readonly ServerOffer[]): Promise<void> {
    const { silent, labels } = this.#read();
    await this.#write({ silent, labels: [...new Set([...labels, ...offers.map(({ label }) => label)])] });
  }

  async silence(): Promise<void> {
    await this.#write({ ...this.#read(), silent: true });
  }

  #read(): z.infer<typeof settledSchema> {
    const parsed = settledSchema.safeParse(this.#memory.get(memoryKey));
    return parsed.success ? parsed.data : { silent: false, labels: [] };
  }

  async #write(settled: z.infer<typeof settledSchema>): Promise<void> {
    await this.#memory.update(memoryKey, settledSchema.parse(settled));
  }
}
