import type { BrokenEntry, Catalogue, Connector } from "../../config/connector.ts";
import { scopeOf } from "../../config/precedence.ts";
import type { Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";
import type { TestReport } from "../../mcp/report.ts";
import { longerLived, type BoardEntry, type Issued } from "./boardEntry.ts";
import { connectorKey, whichIsMeant, type WantedConnector } from "./lookup.ts";
import { observed, type Observation } from "./observation.ts";
import type { Evidence, GrantState, Permission } from "./status.ts";
import { transition, type StatusEvent } from "./transition.ts";

export { connectorKey } from "./lookup.ts";

export type Found =
  | { readonly kind: "found"; readonly entry: BoardEntry }
  | { readonly kind: "unknown" }
  /** There are entries of this name, and all of them hold elsewhere than in the asker's folder. */
  | { readonly kind: "elsewhere"; readonly folder: string }
  /** The entry is there but has errors; nothing is asked for it. */
  | { readonly kind: "broken"; readonly entry: BrokenEntry }
  /** The name is known, the URL is another: the credential is not for that place. */
  | { readonly kind: "urlMismatch"; readonly entry: BoardEntry }
  | { readonly kind: "ambiguous"; readonly entries: readonly BoardEntry[] };

/** The one owner of every connector's status. Each change is a pure transition, and is told. */
export class Board implements Disposable {
  readonly #entries = new Map<string, BoardEntry>();
  #broken: readonly BrokenEntry[] = [];
  readonly #changed = new Emitter<readonly string[]>();

  /** The ids whose row changed, came or went. */
  readonly onDidChange = this.#changed.event;

  entries(): readonly BoardEntry[] {
    return [...this.#entries.values()];
  }

  /** Entries that cannot work as they stand, with their issues. */
  broken(): readonly BrokenEntry[] {
    return this.#broken;
  }

  get(id: string): BoardEntry | undefined {
    return this.#entries.get(id);
  }

  /** Takes over what the files say. An entry that is as it was keeps its status; a changed one starts over. */
  load(catalogue: Catalogue, permissionOf: (connector: Connector) => Permission): void {
    const before = new Map(this.#entries);
    const brokenBefore = new Map(this.#broken.map((entry) => [entry.id, entry]));
    const touched = new Set<string>();
    this.#entries.clear();
    for (const connector of catalogue.connectors) {
      const known = before.get(connector.id);
      before.delete(connector.id);
      const row = rowAfter(known, connector, permissionOf(connector));
      this.#entries.set(connector.id, row);
      if (!isEqual(known, row)) touched.add(connector.id);
    }
    this.#broken = catalogue.broken;
    for (const entry of catalogue.broken) {
      if (!isEqual(brokenBefore.get(entry.id), entry)) touched.add(entry.id);
      brokenBefore.delete(entry.id);
    }
    for (const id of [...before.keys(), ...brokenBefore.keys()]) touched.add(id);
    if (touched.size > 0) this.#changed.fire([...touched]);
  }

  checking(id: string): void {
    this.#apply(id, { kind: "check" });
  }

  record(id: string, finding: GrantState, evidence: Evidence): void {
    this.#apply(id, { kind: "answer", finding, evidence });
  }

  /** When the next try is due, for a connector that cannot be reached. */
  retryAt(id: string, atMs: number): void {
    this.#apply(id, { kind: "retry", atMs });
  }

  noteRequested(id: string, atMs: number): void {
    this.#update(id, (entry) => ({ ...entry, lastAskedAtMs: atMs }));
  }

  issued(id: string, atMs: number, expiresAtMs: number | undefined): void {
    const issued: Issued = expiresAtMs === undefined ? { atMs } : { atMs, expiresAtMs };
    this.#update(id, (entry) => ({ ...entry, lastIssued: longerLived(entry.lastIssued ?? issued, issued) }));
  }

  /** Claude Code was told that it gets nothing. */
  refused(id: string, atMs: number): void {
    this.#update(id, (entry) => ({ ...entry, refusedAtMs: atMs }));
  }

  /** Claude Code got what it asked for: whatever it was refused before is over. */
  served(id: string): void {
    this.#update(id, (entry) => {
      if (entry.refusedAtMs === undefined) return entry;
      const { refusedAtMs: _over, ...rest } = entry;
      return rest;
    });
  }

  /** Takes in what another window saw of the same entry, where it is newer than what is known here. */
  observe(seen: Observation): void {
    for (const [id, { connector }] of this.#entries) {
      if (connectorKey(connector) !== seen.entry) continue;
      this.#update(id, (entry) => observed(entry, seen));
    }
  }

  tested(id: string, lastTest: TestReport): void {
    this.#update(id, (entry) => ({ ...entry, lastTest }));
  }

  /** The connector that a helper means. */
  find(wanted: WantedConnector): Found {
    const { server } = wanted;
    const whole = this.entries()
      .filter(({ connector }) => connector.name === server)
      .map((entry) => ({
        entry,
        origin: entry.connector.origin,
        name: server,
        url: entry.connector.url,
        ...scopeOf(entry.connector.origin),
      }));
    const broken = this.#broken
      .filter(({ name }) => name === server)
      .map((entry) => ({ entry, origin: entry.origin, name: server, ...scopeOf(entry.origin) }));
    const meant = whichIsMeant(wanted, whole, broken);
    switch (meant.kind) {
      case "meant": {
        const [{ entry }, ...others] = meant.entries;
        return others.length === 0
          ? { kind: "found", entry }
          : { kind: "ambiguous", entries: meant.entries.map((each) => each.entry) };
      }
      case "urlMismatch":
        return { kind: "urlMismatch", entry: meant.entries[0].entry };
      case "broken":
        return { kind: "broken", entry: meant.entries[0].entry };
      case "unknown": {
        const folder = meant.elsewhere[0]?.origin.folder;
        return folder === undefined ? { kind: "unknown" } : { kind: "elsewhere", folder };
      }
    }
  }

  dispose(): void {
    this.#changed.dispose();
    this.#entries.clear();
  }

  #apply(id: string, event: StatusEvent): void {
    this.#update(id, (entry) => {
      const status = transition(entry.status, event);
      return status === entry.status ? entry : { ...entry, status };
    });
  }

  #update(id: string, change: (entry: BoardEntry) => BoardEntry): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const next = change(entry);
    if (next === entry) return;
    this.#entries.set(id, next);
    this.#changed.fire([id]);
  }
}

const rowAfter = (
  known: BoardEntry | undefined,
  connector: Connector,
  permission: Permission,
): BoardEntry => {
  const same = known !== undefined && connectorKey(known.connector) === connectorKey(connector);
  const status = transition(same ? known.status : { kind: "unchecked" }, { kind: "permission", permission });
  return { ...(same ? known : {}), connector, status };
};

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
