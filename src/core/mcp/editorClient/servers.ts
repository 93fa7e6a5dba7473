import type { Connector } from "../../config/connector.ts";
import { connectorKey, type Board } from "../../connectors/board/board.ts";
import { sameUrl } from "../../connectors/board/lookup.ts";
import type { PipelineAnswer } from "../../connectors/pipeline/question.ts";
import { sentenceFor } from "../../connectors/sentences.ts";
import type { WaitOptions } from "../../connectors/wait/waitRegistry.ts";
import { revealed, type CredentialHeaders } from "../../credentials/grant.ts";
import { readHeaders } from "../../credentials/headers.ts";
import { DisposableStore, type Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";
import { serves } from "../../identity/needs.ts";
import type { SessionInfo } from "../../identity/session.ts";
import type { Clock } from "../../ports.ts";
import type { Translate } from "../../text.ts";
import { Leases } from "./leases.ts";
import { isMeant, offersOf, type Breadth, type ServerOffer } from "./offers.ts";

/** A server as the editor is told of it. A change of any part ends the connection that runs with the old one. */
export interface Definition {
  readonly label: string;
  readonly url: string;
  readonly version: string;
}

export type Resolution =
  | { readonly kind: "granted"; readonly headers: CredentialHeaders }
  /** The server must not start; `reason` is for the person, and may end with a URL to open. */
  | { readonly kind: "refused"; readonly reason: string };

/** What is offered at all. */
export interface Terms {
  /** False: nothing is. */
  readonly isOpen: boolean;
  /** Names that somebody else defines, in lower case. */
  readonly taken: ReadonlySet<string>;
  readonly breadth: Breadth;
}

export interface EditorServersParts {
  readonly board: Board;
  /** The one way to a credential, waiting for people included. */
  readonly waits: { obtain(connectorId: string, options: WaitOptions): Promise<PipelineAnswer> };
  readonly clock: Clock;
  readonly t: Translate;
  readonly terms: Terms;
}

/** An entry as it was looked at last. */
interface Known {
  readonly connector: Connector;
  readonly isMeant: boolean;
}

/** As long as a helper of Claude Code waits at the most. */
const deadlineMs = 10_000;

/**
 * The connectors of this window as servers of the editor's own MCP client. A credential leaves only when a server starts,
 * and whatever ends the right to it (a sign-out, a refusal, an edited entry, its expiry) ends the connection.
 */
export class EditorServers implements Disposable {
  readonly #parts: EditorServersParts;
  readonly #owned = new DisposableStore();
  readonly #leases: Leases;
  readonly #changed = this.#owned.add(new Emitter<undefined>());
  #terms: Terms;
  #offers: readonly ServerOffer[] = [];
  #told = "[]";
  #known: ReadonlyMap<string, Known> = new Map();
  readonly #fingerprints = new WeakMap<Connector, string>();
  readonly onDidChange = this.#changed.event;

  constructor(parts: EditorServersParts) {
    this.#parts = parts;
    this.#terms = parts.terms;
    this.#leases = this.#owned.add(new Leases(parts));
    this.#owned.add(this.#leases.onDidExpire(() => this.#refresh()));
    this.#owned.add(parts.board.onDidChange((ids) => this.#look(ids)));
    this.#refresh();
  }

  offers(): readonly ServerOffer[] {
    return this.#offers;
  }

  definitions(): readonly Definition[] {
    return this.#offers.map((offer) => this.#definitionOf(offer));
  }

  setTerms(terms: Terms): void {
    this.#terms = terms;
    this.#refresh();
  }

  /** What was handed out in this session's name ends, even where another account serves the same connectors. */
  sessionEnded(session: SessionInfo): void {
    for (const { connector } of this.#parts.board.entries()) {
      if (serves(session, connector.userAuth)) this.#leases.end(connector.id);
    }
    this.#refresh();
  }

  /** The credential for a server that starts. Never from memory. Rejects when the signal fires. */
  async resolve(server: Pick<Definition, "label" | "url">, signal: AbortSignal): Promise<Resolution> {
    const { waits, clock, t } = this.#parts;
    const offer = this.#offerFor(server);
    if (offer === undefined) return refused(this.#whyNotOffered(server.label));
    const { id } = offer.connector;
    const { grant } = await waits.obtain(id, { requester: "editor", signal, deadlineMs });
    const nowMs = clock.now();
    if (grant.kind !== "granted") return refused(sentenceFor(grant, t, nowMs));
    // The entry may have changed, or the person may have signed out, while its source was asked.
    const present = this.#offerFor(server);
    if (present === undefined || connectorKey(present.connector) !== connectorKey(offer.connector)) {
      return refused(this.#whyNotOffered(server.label));
    }
    if (grant.expiresAtMs !== undefined && grant.expiresAtMs <= nowMs) {
      return refused(t("The vault gave a credential that has already run out."));
    }
    const read = readHeaders(revealed(grant.headers));
    if (read.kind === "problem") return refused(t(read.template, ...read.args));
    this.#leases.handOut(id, grant.expiresAtMs);
    return { kind: "granted", headers: read.headers };
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #offerFor({ label, url }: Pick<Definition, "label" | "url">): ServerOffer | undefined {
    return this.#offers.find((offer) => offer.label === label && sameUrl(offer.connector.url, url));
  }

  /** The server was offered a moment ago, or still is under another URL. */
  #whyNotOffered(label: string): string {
    const { board, clock, t } = this.#parts;
    const entry = board.entries().find(({ connector }) => connector.name === label);
    return entry === undefined || entry.status.kind === "granted"
      ? t("The entry has changed. Start the server again.")
      : sentenceFor(entry.status, t, clock.now());
  }

  #definitionOf({ label, connector }: ServerOffer): Definition {
    const known = this.#fingerprints.get(connector) ?? fingerprint(connectorKey(connector));
    this.#fingerprints.set(connector, known);
    return { label, url: connector.url, version: `${known}.${this.#leases.version(connector.id)}` };
  }

  /** Most changes of the board change nothing here: a check that ends as it began costs nothing. */
  #look(ids: readonly string[]): void {
    const { board } = this.#parts;
    const isAsBefore = (id: string): boolean => {
      const [entry, known] = [board.get(id), this.#known.get(id)];
      if (entry === undefined || known === undefined) return entry === known;
      return entry.connector === known.connector && isMeant(entry, this.#terms.breadth) === known.isMeant;
    };
    if (!ids.every(isAsBefore)) this.#refresh();
  }

  #refresh(): void {
    const before = this.#offers;
    const { isOpen, taken, breadth } = this.#terms;
    const entries = this.#parts.board.entries();
    this.#known = new Map(
      entries.map((entry) => [
        entry.connector.id,
        { connector: entry.connector, isMeant: isMeant(entry, breadth) },
      ]),
    );
    this.#offers = isOpen ? offersOf(entries, taken, breadth) : [];
    const offered = new Set(this.#offers.map(({ connector }) => connector.id));
    for (const { connector } of before) if (!offered.has(connector.id)) this.#leases.end(connector.id);
    const told = JSON.stringify(this.definitions());
    if (told === this.#told) return;
    this.#told = told;
    this.#changed.fire(undefined);
  }
}

const refused = (reason: string): Resolution => ({ kind: "refused", reason });

/** Short, the same in every window, and another for another text (FNV-1a, 32 bits): no secret depends on it. */
const fingerprint = (text: string): string => {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
};
