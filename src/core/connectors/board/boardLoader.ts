import type { Catalogue, Connector } from "../../config/connector.ts";
import type { Approvals } from "../permission/approval.ts";
import type { Board } from "./board.ts";
import type { Permission } from "./status.ts";

export interface BoardLoaderParts {
  /** What the files say and the policies allow, at the moment of asking. */
  readonly catalogue: () => Catalogue;
  readonly approvals: Pick<Approvals, "permissions">;
  readonly board: Pick<Board, "load">;
  /** Whether the editor trusts the workspace. */
  readonly isTrusted: () => boolean;
}

/**
 * Brings the board in step with files, policies, approvals and trust, one load after another: a load that began before
 * something was forbidden, and took longer than the one after it, would bring it back.
 */
export class BoardLoader {
  readonly #parts: BoardLoaderParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: BoardLoaderParts) {
    this.#parts = parts;
  }

  /** @returns what was loaded, which is what held when its turn came. */
  load(): Promise<Catalogue> {
    const load = (): Promise<Catalogue> => this.#load();
    const loading = this.#last.then(load, load);
    this.#last = loading;
    return loading;
  }

  async #load(): Promise<Catalogue> {
    const { catalogue: read, approvals, board } = this.#parts;
    const catalogue = read();
    const permissions = await approvals.permissions(catalogue.connectors);
    board.load(catalogue, (connector) => this.#permissionOf(connector, permissions));
    return catalogue;
  }

  #permissionOf({ id, origin }: Connector, permissions: ReadonlyMap<string, Permission>): Permission {
    if (origin.kind === "workspace" && !this.#parts.isTrusted()) return "untrusted";
    return permissions.get(id) ?? "unapproved";
  }
}
