import * as vscode from "vscode";
import { orAfter } from "../../core/abort.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { Clock } from "../../core/ports.ts";

/** As `contributes.mcpServerDefinitionProviders` names it. */
const mcpProviderId = "lanyard";

/** The editor holds back a chat's first message until it has an answer: by then, what is ready is offered. */
const longestWaitMs = 5_000;
const settleMs = 30;

/** Who knows the servers, once a connector has made the window load the rest. */
export interface McpSource {
  readonly onDidChange: (listener: () => void) => Disposable;
  definitions(): readonly vscode.McpHttpServerDefinition[];
  /** @throws an error whose message is for the person, when the server must not start. */
  resolve(
    server: vscode.McpHttpServerDefinition,
    token: vscode.CancellationToken,
  ): Promise<vscode.McpHttpServerDefinition>;
}

export interface McpProviderParts {
  readonly clock: Clock;
  /** Resolves once the window has its connectors; at once where it has none. */
  readonly loaded: () => Promise<void>;
}

/** Registers at the start, as the editor wants it, and loads nothing: where there is no connector it offers none. */
export class McpProvider
  implements vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition>, Disposable
{
  readonly #parts: McpProviderParts;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<void>());
  #source: McpSource | undefined;
  #soon: Disposable | undefined;
  readonly onDidChangeMcpServerDefinitions = this.#changed.event;

  constructor(parts: McpProviderParts) {
    this.#parts = parts;
    this.#owned.add(vscode.lm.registerMcpServerDefinitionProvider(mcpProviderId, this));
  }

  /** From now on this is asked. */
  use(source: McpSource): void {
    this.#source = source;
    this.#owned.add(source.onDidChange(() => this.#tellSoon()));
    this.#tellSoon();
  }

  async provideMcpServerDefinitions(): Promise<vscode.McpHttpServerDefinition[]> {
    const { clock, loaded } = this.#parts;
    // What comes later is told by the event; what fails is told by whoever loads.
    const ready = loaded().catch(() => undefined);
    await orAfter(ready, clock, longestWaitMs, () => undefined);
    return [...(this.#source?.definitions() ?? [])];
  }

  async resolveMcpServerDefinition(
    server: vscode.McpHttpServerDefinition,
    token: vscode.CancellationToken,
  ): Promise<vscode.McpHttpServerDefinition> {
    if (this.#source === undefined) throw new Error(vscode.l10n.t("Lanyard is still starting. Try again."));
    return this.#source.resolve(server, token);
  }

  dispose(): void {
    this.#soon?.dispose();
    this.#owned.dispose();
  }

  /** The editor asks for all servers at each change: many at once are told once. */
  #tellSoon(): void {
    this.#soon ??= this.#parts.clock.after(settleMs, () => {
      this.#soon = undefined;
      this.#changed.fire();
    });
  }
}
