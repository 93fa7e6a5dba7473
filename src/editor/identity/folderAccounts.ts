import * as vscode from "vscode";
import type { Board } from "../../core/connectors/board/board.ts";
import {
  folderOf,
  isSameAccount,
  isSameClient,
  type AccountChoices,
} from "../../core/identity/accountChoices.ts";
import { needsOf } from "../../core/identity/needs.ts";
import {
  accountOf,
  type IdentityService,
  type SessionInfo,
  type SessionNeed,
} from "../../core/identity/session.ts";
import { plainText } from "../../core/text.ts";
import { hostOf } from "../../core/urls.ts";
import { confirm, pickOne } from "../screen.ts";
import type { ConnectorsView } from "../tree/connectorsView.ts";
import type { SignIn } from "./signIn.ts";

const t = vscode.l10n.t;

export interface FolderAccountsParts {
  readonly choices: AccountChoices;
  readonly board: Pick<Board, "entries">;
  readonly identity: Pick<IdentityService, "list">;
  readonly view: Pick<ConnectorsView, "connectorsThatMayBeAsked">;
  readonly signIn: Pick<SignIn, "run">;
}

type Client = Pick<SessionNeed, "issuer" | "clientId">;

/** Lets the person have several accounts at one issuer, and say which one the folders of this window use. */
export class FolderAccounts {
  readonly #parts: FolderAccountsParts;

  constructor(parts: FolderAccountsParts) {
    this.#parts = parts;
  }

  /**
   * After a sign-in: where the folders here use another account, they go over to this one only on the person's word; where
   * there are several accounts now and none was chosen, this one is meant.
   * @param wanted the account that was to be signed in, where that was one
   */
  async settle(session: SessionInfo, wanted: string | undefined): Promise<void> {
    const others = (await this.#accounts(session)).filter((other) => !isSameAccount(other, session));
    const isOther = wanted !== undefined && wanted !== accountOf(session);
    if (isOther && !(await this.#confirmOther(session))) return;
    if (!isOther && (wanted !== undefined || others.length === 0)) return;
    await this.#parts.choices.choose(this.#foldersOf(session), session, others);
  }

  /** Asks which account the folders here use at an issuer: one that is signed in, or another that signs in now. */
  async change(at?: Client): Promise<void> {
    const need = at ?? (await this.#pickClient());
    if (need === undefined) return;
    const accounts = await this.#accounts(need);
    const [folder = ""] = this.#foldersOf(need);
    const used = this.#parts.choices.chosen(folder, need)?.account;
    const items = [
      ...accounts.map((session) => ({
        label: session.accountLabel,
        description: accountOf(session) === used ? t("in use here") : hostOf(session.issuer),
        iconPath: new vscode.ThemeIcon("account"),
        session,
      })),
      {
        label: t("Sign In with Another Account…"),
        iconPath: new vscode.ThemeIcon("add"),
        session: undefined,
      },
    ];
    const picked = await pickOne(items, {
      title: t("Accounts at {0}", hostOf(need.issuer)),
      placeHolder: t("Which account do the folders of this window use?"),
    });
    if (picked === undefined) return;
    const session = picked.session ?? (await this.#signInAnother(need));
    const others = accounts.filter((other) => !isSameAccount(other, session));
    await this.#parts.choices.choose(this.#foldersOf(need), session, others);
  }

  #signInAnother({ issuer, clientId }: Client): Promise<SessionInfo> {
    const asked = { issuer, clientId, scopes: [], prompt: "select_account" };
    return this.#parts.signIn.run(asked, { isAnother: true });
  }

  /** One session of each account, the newest first. */
  async #accounts(of: Client): Promise<readonly SessionInfo[]> {
    const sessions = (await this.#parts.identity.list()).filter((session) => isSameClient(session, of));
    return sessions.filter((one, at) => sessions.findIndex((other) => isSameAccount(one, other)) === at);
  }

  #foldersOf(of: Client): readonly string[] {
    const connectors = this.#parts.board.entries().map(({ connector }) => connector);
    return [...new Set(connectors.filter(({ userAuth }) => isSameClient(userAuth, of)).map(folderOf))];
  }

  async #pickClient(): Promise<Client | undefined> {
    const needs = needsOf(this.#parts.view.connectorsThatMayBeAsked());
    const clients = needs.filter((need, at) => needs.findIndex((other) => isSameClient(need, other)) === at);
    if (clients.length < 2) return clients[0];
    const items = clients.map((need) => ({ label: hostOf(need.issuer), description: need.clientId, need }));
    return (await pickOne(items, { placeHolder: t("Which identity provider?") }))?.need;
  }

  #confirmOther(session: SessionInfo): Promise<boolean> {
    return confirm({
      severity: "warning",
      message: t("Use {0} here?", plainText(session.accountLabel, 80)),
      detail: t(
        "The folders of this window use another account at {0}. Without your word they stay with it, and get nothing while it is signed out.",
        hostOf(session.issuer),
      ),
      yes: t("Use This Account"),
    });
  }
}
