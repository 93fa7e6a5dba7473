import { sha256Hex } from "../../hash.ts";
import type { Connector } from "../../config/connector.ts";
import { Emitter } from "../../emitter.ts";
import { connectorFacts, noHistory, type History, type HistoryKind } from "../../history/history.ts";
import type { MemoryPort } from "../../ports.ts";
import { destinationsOf } from "../../credentials/querySource.ts";
import { agreementOf, type Facts } from "../../review/agreement.ts";
import { isAsNarrow } from "../../mcp/toolRules.ts";
import { lookAlikes } from "../../review/lookAlikes.ts";
import { plainText } from "../../text.ts";
import type { Permission } from "../board/status.ts";
import { ApprovedVersions, formerMs, withVersion, type ApprovedEntry } from "./approvedVersions.ts";

/**
 * Everything that decides who gets what (invariant 2 in docs/architecture.md). A change in any of it asks again. The
 * rules of its tools are compared apart: narrower ones ask nobody.
 */
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
  // Which token comes (`audience`) depends on them. Left out where there are none, so that older approvals hold.
  ...(connector.userAuth.parameters === undefined ? [] : [connector.userAuth.parameters]),
  ...(connector.userAuth.clientSecret === undefined ? [] : [{ secret: connector.userAuth.clientSecret }]),
];

/** SHA-256 over what the person approves, in lower-case hex. */
export const approvalHash = (connector: Connector): Promise<string> =>
  sha256Hex(JSON.stringify(approvedParts(connector)));

/** How a connector stands to what was approved. */
export interface Review {
  readonly permission: Extract<Permission, "unapproved" | "changed" | "approved">;
  /** What was approved last, where it was something else. */
  readonly before?: Facts;
  /** When what it says now was approved, in milliseconds since the epoch. */
  readonly approvedAtMs?: number;
}

/** Remembers which connectors the person approved, and as what. Several versions of each: another branch asks nobody. */
export class Approvals {
  readonly #versions: ApprovedVersions;
  readonly #history: History;
  readonly #now: () => number;
  readonly #changed = new Emitter<undefined>();

  /** Something was approved or withdrawn, in this window. */
  readonly onDidChange = this.#changed.event;

  constructor(memory: MemoryPort, history: History = noHistory, now: () => number = Date.now) {
    this.#versions = new ApprovedVersions(memory);
    this.#history = history;
    this.#now = now;
  }

  /** Where each connector stands, by id. */
  async permissions(connectors: readonly Connector[]): Promise<ReadonlyMap<string, Permission>> {
    const reviews = await this.reviews(connectors);
    return new Map([...reviews].map(([id, { permission }]) => [id, permission]));
  }

  /** The same, with what there is to say of it. */
  async reviews(connectors: readonly Connector[]): Promise<ReadonlyMap<string, Review>> {
    const all = this.#versions.all();
    const pairs = connectors.map(async (connector): Promise<[string, Review]> => [
      connector.id,
      reviewOf(connector, all.get(connector.id), await approvalHash(connector)),
    ]);
    return new Map(await Promise.all(pairs));
  }

  /** Approves these, as they are here: what was shown, whatever their file says by now. */
  async approve(connectors: readonly Connector[]): Promise<void> {
    const hashes = await Promise.all(connectors.map(approvalHash));
    const entries = new Map(this.#versions.all());
    for (const [index, connector] of connectors.entries()) {
      const { tools } = connector.userAuth;
      const version = {
        ...{ hash: hashes[index] ?? "", atMs: this.#now() },
        ...(tools === undefined ? {} : { tools }),
      };
      const entry = withVersion(entries.get(connector.id), version, agreementOf(connector).facts);
      entries.delete(connector.id);
      entries.set(connector.id, entry);
    }
    await this.#store(entries, "approval", connectors);
  }

  /** Takes back every version of these. */
  async withdraw(connectors: readonly Connector[]): Promise<void> {
    const gone = new Set(connectors.map(({ id }) => id));
    const entries = new Map([...this.#versions.all()].filter(([id]) => !gone.has(id)));
    await this.#store(entries, "withdrawal", connectors);
  }

  async #store(
    entries: ReadonlyMap<string, ApprovedEntry>,
    kind: HistoryKind,
    connectors: readonly Connector[],
  ): Promise<void> {
    await this.#versions.store(entries);
    for (const connector of connectors) this.#history.note({ kind, ...connectorFacts(connector) });
    this.#changed.fire(undefined);
  }
}

const reviewOf = (connector: Connector, known: ApprovedEntry | undefined, hash: string): Review => {
  if (known === undefined) return { permission: "unapproved" };
  const version = known.versions.find((each) => each.hash === hash);
  if (version?.atMs === formerMs) {
    return { permission: formerDialogShowed(connector) ? "approved" : "changed" };
  }
  if (version !== undefined && isAsNarrow(connector.userAuth.tools, version.tools))
    return { permission: "approved", approvedAtMs: version.atMs };
  return { permission: "changed", before: known.facts };
};

/**
 * Whether the dialog of former versions had shown what matters: it cut texts off at 120 characters, named no variables,
 * and showed letters as they were.
 */
const formerDialogShowed = (connector: Connector): boolean => {
  const { name, url, userAuth, helper, shown } = connector;
  const texts = [name, url, userAuth.issuer, helper.kind === "script" ? helper.command : ""];
  const hosts = [url, userAuth.issuer, ...destinationsOf(connector)].map(
    (each) => URL.parse(each)?.host ?? each,
  );
  return (
    shown === undefined &&
    texts.every((text) => plainText(text, 120) === text.trim()) &&
    hosts.every((host) => host.length <= 100) &&
    !/[^\x20-\x7e]|xn--/.test([url, userAuth.issuer, ...hosts].join(" ")) &&
    lookAlikes(name).length === 0
  );
};
