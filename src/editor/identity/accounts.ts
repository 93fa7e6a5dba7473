import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import { lastAnswer, type StatusKind } from "../../core/connectors/board/status.ts";
import { isForbidden } from "../../core/connectors/permission/forbidden.ts";
import type { UserActions } from "../../core/connectors/wait/userActions.ts";
import type { WaitRegistry } from "../../core/connectors/wait/waitRegistry.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { meets, needsOf } from "../../core/identity/needs.ts";
import { toPseudoScopes } from "../../core/identity/pseudoScopes.ts";
import type { IdentityService, SessionInfo, SessionNeed } from "../../core/identity/session.ts";
import { hostOf } from "../../core/urls.ts";
import { providerId } from "../authenticationProvider.ts";
import type { ReviewPanel } from "../review.ts";
import { pickOne, tellInformation, tellWarning } from "../screen.ts";
import { issueText } from "../status/statusLook.ts";
import type { ConnectorsView } from "../tree/connectorsView.ts";
import type { FolderAccounts } from "./folderAccounts.ts";
import type { SignInWait } from "./signInWait.ts";
import { chooseWayOn } from "./waysOn.ts";

export interface AccountsParts {
  readonly board: Pick<Board, "entries" | "broken" | "onDidChange">;
  readonly waits: Pick<WaitRegistry, "expectChange">;
  readonly acts: Pick<UserActions, "busy">;
  readonly identity: Pick<IdentityService, "list" | "signOut">;
  readonly review: Pick<ReviewPanel, "decide">;
  readonly view: Pick<ConnectorsView, "connectorsThatMayBeAsked">;
  readonly wait: SignInWait;
  readonly folders: FolderAccounts;
}

/** The person's sign-ins of this window: begins one for what needs it, and ends them. */
export class Accounts implements Disposable {
  readonly #parts: AccountsParts;
  readonly #listening: Disposable;
  readonly #offered = new Set<string>();

  constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#listening = parts.board.onDidChange(() => inBackground("accounts.offer", () => this.#offer()));
  }

  /** Which account each folder here uses. */
  get folders(): FolderAccounts {
    return this.#parts.folders;
  }

  dispose(): void {
    this.#listening.dispose();
  }

  /** Asking without wanting an answer gives the editor's own menu of accounts its entry to sign in. */
  async #offer(): Promise<void> {
    for (const need of await this.#openNeeds()) {
      const scopes = toPseudoScopes(need);
      const key = JSON.stringify(scopes);
      if (this.#offered.has(key)) continue;
      this.#offered.add(key);
      await vscode.authentication.getSession(providerId, scopes, { createIfNone: false });
    }
  }

  /** Signs in for what is wanted, or for what no session serves. One that waits already is brought to the front. */
  async signIn(wanted?: SessionNeed): Promise<void> {
    if (this.#parts.wait.underWay !== undefined) {
      await chooseWayOn(this.#parts.wait);
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

  /** Ends a session; asks which, where several are meant. */
  async signOut(session?: SessionInfo): Promise<void> {
    const { identity } = this.#parts;
    const chosen = session ?? (await pickSession(await identity.list()));
    if (chosen !== undefined) await this.endSession(chosen.id);
  }

  /** Ends a session here and at the IdP, says so when the IdP could not be told, and offers to end the browser's too. */
  async endSession(sessionId: string): Promise<void> {
    const outcome = await this.#parts.identity.signOut(sessionId);
    if (outcome.kind === "signedOut" && !outcome.revoked) {
      inBackground("signOut.tell", () =>
        tellWarning(
          vscode.l10n.t(
            "You are signed out here, but the identity provider could not be told: the tokens it issued live until they expire.",
          ),
        ),
      );
    }
    const browserSession = outcome.kind === "signedOut" ? outcome.browserSession : undefined;
    if (browserSession === undefined) return;
    inBackground("signOut.endBrowserSession", async () => {
      const { offerToEndBrowserSession } = await import("./browserSession.ts");
      await offerToEndBrowserSession(browserSession);
    });
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

  /** While the person signs in, helpers of whoever is signed out wait for it. */
  #actingOnSignIn(): Disposable {
    const { board, waits, acts } = this.#parts;
    const signedOut = board.entries().filter(({ status }) => lastAnswer(status)?.kind === "signedOut");
    const owned = new DisposableStore();
    owned.add(acts.busy());
    for (const { connector } of signedOut) owned.add(waits.expectChange(connector.id));
    return owned;
  }

  async #openNeeds(): Promise<readonly SessionNeed[]> {
    const sessions = await this.#parts.identity.list();
    return needsOf(this.#parts.view.connectorsThatMayBeAsked()).filter(
      (need) => !sessions.some((session) => meets(session, need)),
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
    inBackground("signIn.tell", () => tellInformation(message));
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
