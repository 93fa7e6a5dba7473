import * as vscode from "vscode";
import type { Board } from "../../core/connectors/board.ts";
import type { Waits } from "../../core/connectors/waits.ts";
import type { CredentialHeaders } from "../../core/credentials/grant.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { IdentityService } from "../../core/identity/session.ts";
import { isRefused } from "../../core/mcp/editorClient/access.ts";
import type { Offer } from "../../core/mcp/editorClient/offers.ts";
import { EditorServers, type Terms } from "../../core/mcp/editorClient/servers.ts";
import { twinsOf } from "../../core/mcp/editorClient/twins.ts";
import type { Clock, MemoryPort } from "../../core/ports.ts";
import { chooseOurs } from "./choose.ts";
import { DefinedElsewhere } from "./definedElsewhere.ts";
import type { McpNotice } from "./notice.ts";
import type { McpSource } from "./provider.ts";
import { Refusals } from "./refusals.ts";
import { accessHere, closedHere, isChatHidden, isEnabledHere, onDidChangeMcpSettings } from "./settings.ts";

const t = vscode.l10n.t;
const settledKey = "lanyard.vscodeMcpSettled.v1";

export interface VscodeMcpParts {
  readonly board: Board;
  readonly waits: Waits;
  readonly identity: IdentityService;
  readonly clock: Clock;
  readonly extensionId: string;
  /** Of this workspace: whether the person has dealt with the twins. */
  readonly workspaceMemory: MemoryPort;
  readonly show: (notice: McpNotice | undefined) => void;
}

/** The connectors of this window in the editor's own MCP client, as settings and policies there let it have them. */
export class VscodeMcp implements McpSource, Disposable {
  readonly #parts: VscodeMcpParts;
  readonly #owned = new DisposableStore();
  readonly #elsewhere = this.#owned.add(new DefinedElsewhere());
  readonly #servers: EditorServers;
  readonly #refusals = new Refusals();

  constructor(parts: VscodeMcpParts) {
    this.#parts = parts;
    this.#servers = this.#owned.add(new EditorServers({ ...parts, t, terms: this.#terms() }));
    this.#owned.add(
      parts.identity.onDidChange(({ removed }) => {
        for (const session of removed) this.#servers.sessionEnded(session);
      }),
    );
    const comply = (): void => {
      this.#servers.setTerms(this.#terms());
      this.#say();
    };
    this.#owned.add(onDidChangeMcpSettings(comply));
    this.#owned.add(this.#elsewhere.onDidChange(comply));
    this.#owned.add(parts.board.onDidChange(() => this.#say()));
  }

  readonly onDidChange = (listener: () => void): Disposable => this.#servers.onDidChange(listener);

  /** Reads what is defined elsewhere: before that, a server of that name might be offered for a moment. */
  async start(): Promise<void> {
    await this.#elsewhere.start();
  }

  definitions(): readonly vscode.McpHttpServerDefinition[] {
    return this.#servers
      .definitions()
      .map(
        ({ label, url, version }) =>
          new vscode.McpHttpServerDefinition(label, vscode.Uri.parse(url), {}, version),
      );
  }

  async resolve(
    { label, uri, version }: vscode.McpHttpServerDefinition,
    token: vscode.CancellationToken,
  ): Promise<vscode.McpHttpServerDefinition> {
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      const resolution = await this.#servers.resolve({ label, url: uri.toString(true) }, abort.signal);
      if (resolution.kind === "refused") {
        const message = t("Lanyard does not start {0}. {1}", label, resolution.reason);
        this.#refusals.tell(label, message);
        throw new Error(message);
      }
      this.#refusals.forget(label);
      return new vscode.McpHttpServerDefinition(label, uri, revealed(resolution.headers), version);
    } finally {
      listener.dispose();
    }
  }

  /** Leads the person to where they can choose ours. */
  async chooseOurs(): Promise<void> {
    const twins = this.#twins();
    if (twins.length === 0) {
      void vscode.window.showInformationMessage(
        t("VS Code reads no connector here that is ready a second time, so there is nothing to choose."),
      );
      return;
    }
    if (await chooseOurs(twins, this.#parts.extensionId)) await this.hideNotice();
  }

  /** The person wants to hear no more of it, in this workspace. */
  async hideNotice(): Promise<void> {
    await this.#parts.workspaceMemory.update(settledKey, true);
    this.#say();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #terms(): Terms {
    return {
      isOpen: isEnabledHere() && closedHere() === undefined,
      taken: this.#elsewhere.names(),
    };
  }

  #twins(): readonly Offer[] {
    return twinsOf(this.#servers.offers(), vscode.version);
  }

  #say(): void {
    this.#parts.show(this.#notice());
  }

  #notice(): McpNotice | undefined {
    if (!isEnabledHere() || isChatHidden() || this.#parts.board.entries().length === 0) return undefined;
    const by = closedHere();
    if (by !== undefined) return { kind: "closed", by };
    const access = accessHere();
    const refused = this.#servers
      .offers()
      .filter(({ label, connector }) => isRefused({ name: label, url: connector.url }, access));
    if (refused.length > 0) return { kind: "refused", names: refused.map(({ label }) => label) };
    const twins = this.#twins();
    if (twins.length === 0 || this.#parts.workspaceMemory.get(settledKey) === true) return undefined;
    return { kind: "twins", names: twins.map(({ label }) => label) };
  }
}

const revealed = (headers: CredentialHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
