import * as vscode from "vscode";
import type { Connector } from "../core/config/connector.ts";
import type { UserActions } from "../core/connectors/wait/userActions.ts";
import type { Board } from "../core/connectors/board/board.ts";
import {
  reauthenticate,
  strongerRequest,
  type Reauthenticate,
} from "../core/connectors/wait/reauthentication.ts";
import type { BackgroundFollower } from "../core/connectors/wait/backgroundFollower.ts";
import { hasEvidence, type Status } from "../core/connectors/board/status.ts";
import { hasExpired, pollTermsOf } from "../core/connectors/wait/waiting.ts";
import type { WaitRegistry } from "../core/connectors/wait/waitRegistry.ts";
import type { StepUpMethod } from "../core/credentials/grant.ts";
import { serves } from "../core/identity/needs.ts";
import type { IdentityService, SessionInfo, SessionNeed } from "../core/identity/session.ts";
import type { Clock, Log } from "../core/ports.ts";
import { plainText } from "../core/text.ts";
import { hostOf } from "../core/urls.ts";
import { openInBrowser } from "./identity/browser.ts";
import { detailOf } from "./status/statusLook.ts";
import { confirm } from "./screen.ts";
import { SignInError, type SignIn } from "./identity/signIn.ts";
import { viewId } from "./manifestNames.ts";

const t = vscode.l10n.t;

/** A link of a vault that says no end is waited on for so long. */
const longestWaitMs = 10 * 60_000;
/** A link that says no end is asked for anew when it is older than this. */
const oldLinkMs = 5 * 60_000;

export interface InteractionParts {
  readonly board: Board;
  readonly waits: WaitRegistry;
  readonly acts: UserActions;
  readonly standby: BackgroundFollower;
  readonly signIn: SignIn;
  readonly identity: Pick<IdentityService, "list" | "onDidChange">;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a person does for one connector: connect an account, sign in more strongly, approve a push. */
export class Interactions {
  readonly #parts: InteractionParts;
  readonly #attended = new Set<string>();

  constructor(parts: InteractionParts) {
    this.#parts = parts;
  }

  /** Does what the connector's present status asks of the person, and waits until it is granted, over or cancelled. */
  async attend(connectorId: string): Promise<void> {
    const { acts } = this.#parts;
    if (this.#attended.has(connectorId) || acts.of(connectorId) !== undefined) return;
    this.#attended.add(connectorId);
    const busy = acts.busy();
    try {
      await this.#attend(connectorId);
    } finally {
      busy.dispose();
      this.#attended.delete(connectorId);
    }
  }

  /** Nobody waits for this connector any more; without one, for none. */
  cancel(connectorId?: string): void {
    const { board, standby } = this.#parts;
    const ids =
      connectorId === undefined ? board.entries().map(({ connector }) => connector.id) : [connectorId];
    for (const id of ids) standby.cancel(id);
  }

  async #attend(connectorId: string): Promise<void> {
    const status = await this.#present(connectorId);
    const connector = this.#parts.board.get(connectorId)?.connector;
    if (status === undefined || connector === undefined) return;
    if (status.kind === "needsConnection") await this.#openAndFollow(connector, status, status.url);
    if (status.kind === "pending") await this.#follow(connectorId);
    if (status.kind === "stepUp") await this.#stepUp(connector, status, status.how);
  }

  /** Where the connector stands; asked for anew when what is known of it may be over. */
  async #present(connectorId: string): Promise<Status | undefined> {
    const { board, waits, clock } = this.#parts;
    const known = settled(board.get(connectorId)?.status);
    if (known === undefined || !isOld(known, clock.now())) return known;
    await waits.check(connectorId, new AbortController().signal);
    return settled(board.get(connectorId)?.status);
  }

  #stepUp(connector: Connector, status: Status, how: StepUpMethod): Promise<void> {
    switch (how.kind) {
      case "reauthenticate":
        return this.#reauthenticate(connector, how);
      case "url":
        return this.#openAndFollow(connector, status, how.url);
      case "push":
        return this.#follow(connector.id);
    }
  }

  async #openAndFollow(connector: Connector, status: Status, url: string): Promise<void> {
    const { waits, acts, clock } = this.#parts;
    if (!(await confirmUrl(connector, url, detailOf(status, clock.now())))) return;
    if (!(await openInBrowser(url))) return;
    const { id } = connector;
    await acts.run(id, "browser", async (signal) => {
      const acting = waits.expectChange(id);
      const limit = clock.after(longestWaitMs, () => waits.giveUp(id));
      try {
        await waits.follow(id, signal);
      } finally {
        limit.dispose();
        acting.dispose();
      }
    });
  }

  async #follow(connectorId: string): Promise<void> {
    const { waits, acts } = this.#parts;
    await acts.run(connectorId, "elsewhere", (signal) => waits.follow(connectorId, signal));
  }

  /** RFC 9470: a new authorization request with what was asked for; a second one only on the person's word. */
  async #reauthenticate(connector: Connector, how: Reauthenticate): Promise<void> {
    const { acts, board, waits } = this.#parts;
    const { id } = connector;
    await acts.run(id, "signIn", (signal) =>
      reauthenticate(id, {
        ...{ board, waits, signal },
        signIn: async (isSecond) => {
          if (isSecond && !(await confirmAgain(connector))) throw new vscode.CancellationError();
          await this.#signInStronger(connector, how, isSecond, signal);
        },
      }),
    );
  }

  /** That the IdP did not do as asked is for the source to judge: it asks again, or is content after all. */
  async #signInStronger(
    { userAuth }: Connector,
    how: Reauthenticate,
    isSecond: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { signIn, log, identity } = this.#parts;
    const before = await this.#sessionFor(userAuth);
    const request = strongerRequest(userAuth, how, before, isSecond);
    const signOut = new AbortController();
    // Whoever signs out meanwhile is not signed in again by a page that is still open.
    const listening = identity.onDidChange(({ removed }) => {
      if (removed.some(({ id, cause }) => id === before?.id && cause === "never")) signOut.abort();
    });
    try {
      const display = { signal: AbortSignal.any([signal, signOut.signal]), location: { viewId } };
      await signIn.run(request, display);
    } catch (error) {
      if (!(error instanceof SignInError) || error.failure !== "stepUpUnmet") throw error;
      log.warn("stepUp.unmet", { issuer: hostOf(userAuth.issuer), traceId: error.traceId });
    } finally {
      listening.dispose();
    }
  }

  async #sessionFor(need: SessionNeed): Promise<SessionInfo | undefined> {
    return (await this.#parts.identity.list()).find((each) => serves(each, need));
  }
}

const settled = (status: Status | undefined): Status | undefined =>
  status?.kind === "checking" ? status.last : status;

const isOld = (status: Status, nowMs: number): boolean => {
  if (!hasEvidence(status) || status.kind === "granted") return false;
  const offer = pollTermsOf(status);
  if (offer === undefined) return false;
  return offer.expiresAtMs === undefined
    ? nowMs - status.evidence.atMs > oldLinkMs
    : hasExpired(offer, nowMs);
};

const confirmAgain = async ({ name, userAuth }: Connector): Promise<boolean> => {
  const again = t("Sign In Again");
  return confirm({
    severity: "warning",
    message: t("{0}: the sign-in was not strong or not recent enough.", plainText(name, 80)),
    detail: t("Sign in once more at {0}, and complete every step that it asks for.", hostOf(userAuth.issuer)),
    yes: again,
  });
};

/** A URL from the network is shown whole before it is opened (invariant 6 in docs/architecture.md). */
const confirmUrl = async (
  connector: Connector,
  url: string,
  detail: string | undefined,
): Promise<boolean> => {
  const open = t("Open in Browser");
  const message = t("{0}: continue at {1}?", plainText(connector.name, 80), hostOf(url));
  const lines = [detail, t("This address is opened:"), url].filter((line) => line !== undefined);
  return confirm({ severity: "information", message, detail: lines.join("\n\n"), yes: open });
};
