import * as z from "zod";
import type { Connector } from "../../config/connector.ts";
import { Emitter } from "../../emitter.ts";
import type { MemoryPort } from "../../ports.ts";
import type { Permission } from "../board/status.ts";

const memoryKey = "lanyard.approvals.v1";

/** What each connector was approved as: connector id → hash. */
const rememberedSchema = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));

/** Everything that decides who gets what (invariant 2 in docs/architecture.md). A change in any of it asks again. */
const approvedParts = (connector: Connector): unknown => [
  connector.name,
  connector.transport,
  connector.url,
  connector.userAuth.issuer,
  connector.userAuth.clientId,
  connector.userAuth.scopes,
  connector.userAuth.resource ?? null,
  connector.credential,
  connector.helperCommand ?? null,
  connector.userAuth.events ?? null,
];

/** SHA-256 over what the person approves, in lower-case hex. */
export const approvalHash = async (connector: Connector): Promise<string> => {
  const bytes = new TextEncoder().encode(JSON.stringify(approvedParts(connector)));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** Remembers which connectors the person approved, and as what. */
export class Approvals {
  readonly #memory: MemoryPort;
  readonly #changed = new Emitter<undefined>();

  /** Something was approved or withdrawn, in this window. */
  readonly onDidChange = this.#changed.event;

  constructor(memory: MemoryPort) {
    this.#memory = memory;
  }

  /** Where each connector stands, by id. */
  async permissions(connectors: readonly Connector[]): Promise<ReadonlyMap<string, Permission>> {
    const remembered = this.#remembered();
    const pairs = connectors.map(async (connector): Promise<[string, Permission]> => {
      const before = remembered.get(connector.id);
      if (before === undefined) return [connector.id, "unapproved"];
      return [connector.id, before === (await approvalHash(connector)) ? "approved" : "changed"];
    });
    return new Map(await Promise.all(pairs));
  }

  async approve(connectors: readonly Connector[]): Promise<void> {
    const hashes = await Promise.all(
      connectors.map(async (connector) => [connector.id, await approvalHash(connector)] as const),
    );
    await this.#store(new Map([...this.#remembered(), ...hashes]));
  }

  async withdraw(connectorIds: readonly string[]): Promise<void> {
    const gone = new Set(connectorIds);
    await this.#store(new Map([...this.#remembered()].filter(([id]) => !gone.has(id))));
  }

  /** A map, because an id may be any text, `constructor` included. */
  #remembered(): ReadonlyMap<string, string> {
    const parsed = rememberedSchema.safeParse(this.#memory.get(memoryKey));
    return new Map(parsed.success ? Object.entries(parsed.data) : []);
  }

  async #store(approvals: ReadonlyMap<string, string>): Promise<void> {
    await this.#memory.update(memoryKey, rememberedSchema.parse(Object.fromEntries(approvals)));
    this.#changed.fire(undefined);
  }
}
