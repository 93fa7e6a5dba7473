import * as vscode from "vscode";
import { inBackground } from "../core/background.ts";
import type { Connector } from "../core/config/connector.ts";
import { reconnectCommand } from "../core/connectors/reconnect.ts";
import type { Need } from "../core/connectors/wording/attention.ts";
import type { Approvals } from "../core/connectors/permission/approval.ts";
import type { UserActions } from "../core/connectors/wait/userActions.ts";
import type { Board } from "../core/connectors/board/board.ts";
import { BoardLoader } from "../core/connectors/board/boardLoader.ts";
import { isForbidden } from "../core/connectors/permission/forbidden.ts";
import { SessionFollower } from "../core/connectors/pipeline/sessionFollower.ts";
import { lastAnswer, type StatusKind } from "../core/connectors/board/status.ts";
import type { WaitRegistry } from "../core/connectors/wait/waitRegistry.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import { needsOf, serves } from "../core/identity/needs.ts";
import { toPseudoScopes } from "../core/identity/pseudoScopes.ts";
import type { IdentityService, SessionInfo, SessionNeed } from "../core/identity/session.ts";
import { plainText } from "../core/text.ts";
import { hostOf } from "../core/urls.ts";
import { systemClock } from "../node/clock.ts";
import type { ReviewPanel } from "./review.ts";
import { providerId } from "./authenticationProvider.ts";
import type { HistoryView } from "./history/historyView.ts";
import type { Doctor } from "./doctor/doctor.ts";
import type { ConfigurationReader } from "./configuration/configurationReader.ts";
import type { Interactions } from "./interactions.ts";
import type { EditorLog } from "./log.ts";
import type { ConnectorTools } from "./mcpJson/connectorTools.ts";
import { issueText, lookOf } from "./status/statusLook.ts";
import { pickOne, tellInformation, tellWarning } from "./screen.ts";
import { onDidChangePolicies } from "./configuration/policies.ts";
import type { SignInWait } from "./identity/signInWait.ts";
import type { Arranging } from "./tree/arranging.ts";
import type { ConnectorsView } from "./tree/connectorsView.ts";
import type { Node, RowHandle } from "./tree/nodes.ts";
import type { VscodeMcp } from "./vscodeMcp/vscodeMcp.ts";

export interface LanyardParts {
  readonly board: Board;
  readonly approvals: Approvals;
  readonly waits: WaitRegistry;
  readonly identity: IdentityService;
  readonly configuration: ConfigurationReader;
  readonly interactions: Interactions;
  readonly review: ReviewPanel;
  readonly acts: UserActions;
  readonly tools: ConnectorTools;
  readonly doctor: Doctor;
  readonly history: HistoryView;
  readonly vscodeMcp: VscodeMcp;
  readonly view: ConnectorsView;
  readonly arranging: Arranging;
  readonly wait: SignInWait;
  readonly log: EditorLog;
}

/** One window's Lanyard: keeps the board in step with files, trust, approvals and sessions, and does what commands ask. */
export class Lanyard implements Disposable {
  readonly #parts: LanyardParts;
  readonly #owned = new DisposableStore();
  readonly #loader: BoardLoader;
  readonly #sessions: SessionFollower;

  constructor(parts: LanyardParts) {
    this.#parts = parts;
    const { board, approvals, configuration } = parts;
    this.#loader = new BoardLoader({
      ...{ board, approvals },
      catalogue: () => configuration.catalogue(),
      isTrusted: () => vscode.workspace.isTrusted,
    });
    this.#owned.add(
      parts.configuration.onDidChange(() => inBackground("lanyard.reload", () => this.reload())),
    );
    this.#owned.add(onDidChangePolicies(() => inBackground("lanyard.obey", () => this.#obey())));
    this.#owned.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => inBackground("lanyard.reload", () => this.reload())),
    );
    const { waits, identity, view } = parts;
    const show = (sessions: readonly SessionInfo[]): void => view.setSessions(sessions);
    this.#sessions = this.#owned.add(
      new SessionFollower({ board, waits, identity, clock: systemClock, show }),
    );
  }

  /** Brings the board in step with the files and checks whatever was not checked yet. */
  async reload(): Promise<void> {
    const { view } = this.#parts;
    const catalogue = await this.#loader.load();
    view.setFileIssues(catalogue.issues.filter((issue) => issue.connector === undefined));
    await this.#sessions.read();
    await this.#sessions.checkThose(({ kind }) => kind === "unchecked");
  }

  /** What was allowed may be forbidden by now, or need a stronger sign-in; and the other way round. */
  async #obey(): Promise<void> {
    await this.reload();
    await this.checkAll();
  }

  async checkAll(): Promise<void> {
    await this.#sessions.checkAll();
  }

  async check(connectorId: string): Promise<void> {
    await this.#parts.waits.check(connectorId, new AbortController().signal);
  }

  /** Shows what each connector's entry says, to approve it or to take that back; at one of them, where it is named. */
  showReview(connectorId?: string): void {
    this.#parts.review.show(connectorId);
  }

  /** Has the person approve what waits for it. @returns whether anything is approved then. */
  async #decide(): Promise<boolean> {
    const { board, review, acts, view } = this.#parts;
    if (!board.entries().some(({ status }) => status.kind === "unapproved")) return true;
    const busy = acts.busy();
    try {
      return (await review.decide()) || view.connectorsThatMayBeAsked().length > 0;
    } finally {
      busy.dispose();
    }
  }

  /** One that waits already is brought to the front. */
  async signIn(wanted?: SessionNeed): Promise<void> {
    if (this.#parts.wait.underWay !== undefined) {
      await this.#parts.wait.choose();
      return;
    }
    if (!(await this.#decide())) return;
    const needs = await this.#openNeeds();
    const need = wanted ?? (needs.length > 1 ? undefined : needs[0]);
    if (need === undefined && needs.length === 0) {
      this.#sayNothingToSignInFor();
      return;
    }
    const scopes = need === undefined ? [] : toPseudoScopes(need);
    const acting = this.#actingOnSignIn();
    try {
      await vscode.authentication.getSession(providerId, scopes, { createIfNone: true });
    } finally {
      acting.dispose();
    }
  }

  /** While the person signs in, helpers of whoever is signed out wait for it. */
  #actingOnSignIn(): Disposable {
    const { board, waits, acts } = this.#parts;
    const signedOut = board.entries().filter(({ status }) => lastAnswer(status)?.kind === "signedOut");
    const owned = new DisposableStore();
    owned.add(acts.busy());
    for (const { connector } of signedOut) owned.add(waits.expectChange(connector.id));
    return owned;
  }

  async signOut(session?: SessionInfo): Promise<void> {
    const { identity } = this.#parts;
    const chosen = session ?? (await pickSession(await identity.list()));
    if (chosen !== undefined) await this.endSession(chosen.id);
  }

  /** Ends a session here and at the IdP, says so when the IdP could not be told, and offers to end the browser's too. */
  async endSession(sessionId: string): Promise<void> {
    const outcome = await this.#parts.identity.signOut(sessionId);
    if (outcome.kind === "signedOut" && !outcome.revoked) {
      inBackground("lanyard.tell", () =>
        tellWarning(
          vscode.l10n.t(
            "You are signed out here, but the identity provider could not be told: the tokens it issued live until they expire.",
          ),
        ),
      );
    }
    const browserSession = outcome.kind === "signedOut" ? outcome.browserSession : undefined;
    if (browserSession === undefined) return;
    inBackground("lanyard.endBrowserSession", async () => {
      const { offerToEndBrowserSession } = await import("./identity/browserSession.ts");
      await offerToEndBrowserSession(browserSession);
    });
  }

  async attend(connectorId: string): Promise<void> {
    await this.#parts.interactions.attend(connectorId);
  }

  /** Does what a notification offered. */
  async answer({ kind, connectorId, name }: Need): Promise<void> {
    switch (kind) {
      case "review":
        this.showReview();
        return;
      case "signIn":
        return this.signIn(this.#parts.board.get(connectorId)?.connector.userAuth);
      case "connect":
      case "stepUp":
      case "approveElsewhere":
        return this.attend(connectorId);
      case "reconnect":
        return vscode.env.clipboard.writeText(reconnectCommand(name));
    }
  }

  /** Nobody waits for this connector any more; without one, for none. */
  cancelWaiting(connectorId?: string): void {
    const { board, interactions } = this.#parts;
    const ids =
      connectorId === undefined ? board.entries().map(({ connector }) => connector.id) : [connectorId];
    for (const id of ids) interactions.cancel(id);
  }

  /** Looks at what Lanyard needs. */
  get doctor(): Doctor {
    return this.#parts.doctor;
  }

  /** Shows what happened. */
  get history(): HistoryView {
    return this.#parts.history;
  }

  /** Tests single connectors, and adds them. */
  get tools(): ConnectorTools {
    return this.#parts.tools;
  }

  /** The connectors in the editor's own MCP client. */
  get vscodeMcp(): VscodeMcp {
    return this.#parts.vscodeMcp;
  }

  /** Groups and filters the view's rows. */
  get arranging(): Arranging {
    return this.#parts.arranging;
  }

  /** What a row of the view is about; `undefined` for one that is gone. */
  nodeOf(row: RowHandle): Node | undefined {
    return this.#parts.view.nodeOf(row);
  }

  /** Asks which connector is meant, of those whose status is wanted. */
  async pickConnector(wanted: (kind: StatusKind) => boolean): Promise<Connector | undefined> {
    const entries = this.#parts.board
      .entries()
      .filter(({ status }) => wanted((lastAnswer(status) ?? status).kind));
    const items = entries.map(({ connector, status }) => ({
      label: plainText(connector.name, 80),
      description: lookOf(status).label,
      connector,
    }));
    const placeHolder = vscode.l10n.t("Which connector?");
    return (await pickOne(items, { placeHolder }))?.connector;
  }

  showLog(): void {
    this.#parts.log.show();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #openNeeds(): Promise<readonly SessionNeed[]> {
    const sessions = await this.#parts.identity.list();
    return needsOf(this.#parts.view.connectorsThatMayBeAsked()).filter(
      (need) => !sessions.some((session) => serves(session, need)),
    );
  }

  #sayNothingToSignInFor(): void {
    const { board } = this.#parts;
    const statuses = board.entries().map(({ status }) => status.kind);
    const [blocked] = board.broken().filter(isForbidden);
    const message =
      statuses.length === 0 && blocked !== undefined
        ? blocked.issues.map(issueText).join(" ")
        : nothingToSignInFor(statuses);
    inBackground("lanyard.tell", () => tellInformation(message));
  }
}

const nothingToSignInFor = (statuses: readonly StatusKind[]): string => {
  if (statuses.length === 0) {
    return vscode.l10n.t(
      "No connector here uses Lanyard: no .mcp.json of this workspace has an entry with userAuth.",
    );
  }
  return statuses.includes("untrusted")
    ? vscode.l10n.t("This folder is not trusted, so Lanyard signs in for none of its connectors.")
    : vscode.l10n.t("You are signed in for every connector here.");
};

const pickSession = async (sessions: readonly SessionInfo[]): Promise<SessionInfo | undefined> => {
  if (sessions.length <= 1) return sessions[0];
  const items = sessions.map((session) => ({
    label: session.accountLabel,
    description: hostOf(session.issuer),
    session,
  }));
  const placeHolder = vscode.l10n.t("Which account?");
  return (await pickOne(items, { placeHolder }))?.session;
};
