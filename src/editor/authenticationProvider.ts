import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import { accountOf } from "../core/identity/session.ts";
import { fromPseudoScopes } from "../core/identity/pseudoScopes.ts";
import type {
  ActiveSession,
  IdentityService,
  SessionChange,
  SessionInfo,
  SessionNeed,
} from "../core/identity/session.ts";

export const providerId = "lanyard";

/** What the provider needs of the rest, loaded when it is first asked. */
export interface ProviderParts {
  identity(): Promise<IdentityService>;
  /** Signs in with whatever the request names; asks the person for what it leaves open. @throws CancellationError */
  signIn(need: Partial<SessionNeed> & { readonly scopes: readonly string[] }): Promise<SessionInfo>;
  /** Ends the session here and at the IdP, and says how that went. */
  signOut(sessionId: string): Promise<void>;
  /** False where nobody ever signed in: the editor asks at every start, and needs no identity service for that. */
  mayHaveSessions(): Promise<boolean>;
}

/** The editor's view of identity: accounts menu, consent, sign-in and sign-out. */
export class LanyardAuthenticationProvider implements vscode.AuthenticationProvider, Disposable {
  readonly #parts: ProviderParts;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(
    new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>(),
  );
  /** What was asked for and nobody is signed in for. */
  readonly #unmet = new Map<string, readonly string[]>();
  readonly onDidChangeSessions = this.#changed.event;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    this.#owned.add(
      vscode.authentication.registerAuthenticationProvider(providerId, "Lanyard", this, {
        supportsMultipleAccounts: true,
      }),
    );
  }

  /** Tells the editor what the identity service tells. Its menu knows what it offers by the scopes that were asked for. */
  announce(change: SessionChange): void {
    const met = [...this.#unmet.values()].flatMap((scopes) =>
      change.added
        .filter((session) => fits(session, fromPseudoScopes(scopes)))
        .map((session) => ({ ...withoutToken(session), scopes })),
    );
    for (const { scopes } of met) this.#unmet.delete(scopes.join(" "));
    this.#changed.fire({
      added: [...change.added.map(withoutToken), ...met],
      removed: change.removed.map(withoutToken),
      changed: change.changed.map(withoutToken),
    });
  }

  async getSessions(
    scopes: readonly string[] | undefined,
    options: vscode.AuthenticationProviderSessionOptions,
  ): Promise<vscode.AuthenticationSession[]> {
    const found = (await this.#parts.mayHaveSessions()) ? await this.#find(scopes ?? [], options) : [];
    if (found.length === 0) this.#miss(scopes ?? []);
    return found.map((session) => sessionFor(session, scopes));
  }

  async #find(
    scopes: readonly string[],
    options: vscode.AuthenticationProviderSessionOptions,
  ): Promise<readonly ActiveSession[]> {
    const asked = fromPseudoScopes(scopes);
    const identity = await this.#parts.identity();
    const fitting = (await identity.list()).filter(
      (session) => fits(session, asked) && (!options.account || options.account.id === session.id),
    );
    const sessions = await Promise.all(fitting.map(({ id }) => living(identity, id)));
    return sessions.filter((session) => session !== undefined);
  }

  #miss(scopes: readonly string[]): void {
    if (scopes.length > 0 && this.#unmet.size < mostUnmet) this.#unmet.set(scopes.join(" "), scopes);
  }

  async createSession(scopes: readonly string[]): Promise<vscode.AuthenticationSession> {
    const info = await this.#parts.signIn(fromPseudoScopes(scopes));
    const session = await (await this.#parts.identity()).stored(info.id);
    if (session === undefined)
      throw new Error(vscode.l10n.t("The sign-in was not kept: the session is gone already."));
    return sessionFor(session, scopes);
  }

  async removeSession(sessionId: string): Promise<void> {
    await this.#parts.signOut(sessionId);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

const mostUnmet = 100;

/** The editor has one queue for all who ask, so an identity provider that does not answer holds it no longer than this. */
const longestRenewalMs = 5_000;

const living = (identity: IdentityService, id: string): Promise<ActiveSession | undefined> =>
  identity.renewed(id, AbortSignal.timeout(longestRenewalMs)).catch(() => identity.stored(id));

const fits = (
  session: SessionInfo,
  asked: Partial<SessionNeed> & { readonly scopes: readonly string[] },
): boolean =>
  (asked.issuer === undefined || asked.issuer === session.issuer) &&
  (asked.clientId === undefined || asked.clientId === session.clientId) &&
  (asked.account === undefined || asked.account === accountOf(session)) &&
  asked.scopes.every((scope) => session.scopes.includes(scope));

const accountHere = (session: SessionInfo): vscode.AuthenticationSessionAccountInformation => ({
  id: session.id,
  label: session.accountLabel,
});

/** The scopes come back as they were asked for: the editor compares them. */
const sessionFor = (
  session: ActiveSession,
  scopes: readonly string[] | undefined,
): vscode.AuthenticationSession => ({
  id: session.id,
  account: accountHere(session),
  accessToken: session.accessToken.reveal(),
  scopes: scopes === undefined || scopes.length === 0 ? session.scopes : scopes,
});

/** Events name a session; whoever wants its token asks for it. */
const withoutToken = (session: SessionInfo): vscode.AuthenticationSession => ({
  id: session.id,
  account: accountHere(session),
  accessToken: "",
  scopes: session.scopes,
});
