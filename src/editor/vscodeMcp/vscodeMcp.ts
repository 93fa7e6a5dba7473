import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import { sleep } from "../../core/abort.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import type { WaitRegistry } from "../../core/connectors/wait/waitRegistry.ts";
import { revealed } from "../../core/credentials/grant.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { IdentityService } from "../../core/identity/session.ts";
import { refusedOf } from "../../core/mcp/editorClient/access.ts";
import type { Breadth, ServerOffer } from "../../core/mcp/editorClient/offers.ts";
import { EditorServers, type Terms } from "../../core/mcp/editorClient/servers.ts";
import { isPassedOver, twinsOf } from "../../core/mcp/editorClient/twins.ts";
import type { Clock, MemoryPort } from "../../core/ports.ts";
import type { ConfigurationFiles } from "../configuration/configurationFiles.ts";
import { folderPathsHere } from "../files.ts";
import { tellInformation } from "../screen.ts";
import { chooseOurs } from "./choose.ts";
import { DefinedElsewhere } from "./definedElsewhere.ts";
import { mcpNoticeTooltip, type McpNotice } from "./notice.ts";
import type { McpSource } from "./provider.ts";
import { Refusals } from "./refusals.ts";
import { Settled } from "./settled.ts";
import { accessHere, closedHere, isChatHidden, isEnabledHere, onDidChangeMcpSettings } from "./settings.ts";

const t = vscode.l10n.t;
/** The editor takes in what it is offered half a second later, and does not say when it has. */
const takenInMs = 1_500;
const settleMs = 100;

export interface VscodeMcpParts {
  readonly board: Board;
  readonly waits: WaitRegistry;
  readonly identity: IdentityService;
  readonly files: Pick<ConfigurationFiles, "texts">;
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
  readonly #settled: Settled;
  #breadth: Breadth = "ready";
  #soon: Disposable | undefined;

  constructor(parts: VscodeMcpParts) {
    this.#parts = parts;
    this.#settled = new Settled(parts.workspaceMemory);
    this.#servers = this.#owned.add(new EditorServers({ ...parts, t, terms: this.#terms() }));
    this.#owned.add(
      parts.identity.onDidChange(({ removed }) => {
        for (const session of removed) this.#servers.sessionEnded(session);
      }),
    );
    this.#owned.add(onDidChangeMcpSettings(() => this.#comply()));
    this.#owned.add(this.#elsewhere.onDidChange(() => this.#comply()));
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
    const { clock, extensionId } = this.#parts;
    this.#widen("approved");
    try {
      const twins = this.#twins();
      if (twins.length === 0) {
        inBackground("vscodeMcp.choose", () => tellInformation(this.#whyNothingToChoose()));
        return;
      }
      const open = this.#settled.openOf(twins);
      const asked = open.length === 0 ? twins : open;
      const offered = sleep(clock, takenInMs, new AbortController().signal);
      if (await chooseOurs(asked, extensionId, offered)) await this.#settled.add(asked);
    } finally {
      this.#widen("ready");
    }
  }

  /** The person wants to hear no more of it, in this workspace. */
  async hideNotice(): Promise<void> {
    await this.#settled.silence();
    this.#say();
  }

  dispose(): void {
    this.#soon?.dispose();
    this.#owned.dispose();
  }

  #whyNothingToChoose(): string {
    const by = closedHere();
    if (by !== undefined) return mcpNoticeTooltip({ kind: "closed", by });
    return isEnabledHere()
      ? t("VS Code reads none of these connectors by itself, so there is nothing to choose.")
      : t("The setting {0} is off, so VS Code's chat gets no connector.", "lanyard.vscodeMcp.enabled");
  }

  #terms(): Terms {
    return {
      isOpen: isEnabledHere() && closedHere() === undefined,
      taken: this.#elsewhere.names(),
      breadth: this.#breadth,
    };
  }

  #widen(breadth: Breadth): void {
    this.#breadth = breadth;
    this.#comply();
  }

  #comply(): void {
    this.#servers.setTerms(this.#terms());
    this.#say();
  }

  #twins(): readonly ServerOffer[] {
    const passedOver = this.#parts.files
      .texts()
      .flatMap((file) =>
        file.kind === "text" && isPassedOver(file.text, canRead) ? [file.origin.file] : [],
      );
    return twinsOf(this.#servers.offers(), {
      ...{ version: vscode.version, folders: folderPathsHere(), passedOver: new Set(passedOver) },
    });
  }

  /** Many changes in one turn are looked at once. */
  #say(): void {
    this.#soon ??= this.#parts.clock.after(settleMs, () => {
      this.#soon = undefined;
      this.#parts.show(this.#notice());
    });
  }

  #notice(): McpNotice | undefined {
    if (!isEnabledHere() || isChatHidden() || this.#parts.board.entries().length === 0) return undefined;
    const by = closedHere();
    if (by !== undefined) return { kind: "closed", by };
    const servers = this.#servers
      .offers()
      .map(({ label, connector }) => ({ name: label, url: connector.url }));
    const refused = refusedOf(servers, accessHere());
    if (refused.length > 0) return { kind: "refused", names: refused.map(({ name }) => name) };
    const twins = this.#settled.openOf(this.#twins());
    if (twins.length === 0 || this.#settled.isSilent) return undefined;
    return { kind: "twins", names: twins.map(({ label }) => label) };
  }
}

/** As the editor reads a `url` of `.mcp.json`. */
const canRead = (url: string): boolean => {
  try {
    vscode.Uri.parse(url);
    return true;
  } catch {
    return false;
  }
};
