import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import type { UserActions } from "../../core/connectors/wait/userActions.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import { boardFacts } from "../../core/connectors/board/boardFacts.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { Throttle } from "../throttle.ts";
import type { IdentityService } from "../../core/identity/session.ts";
import type { ContextKey } from "../manifestNames.ts";
import { waysOf, type SignInWait } from "../identity/signInWait.ts";
import type { ConnectorsView } from "../tree/connectorsView.ts";

/** A check of many connectors changes the board that often. */
const togetherMs = 50;

export interface Start {
  /** Resolves once every file is read, also of those that are searched for. */
  readonly filesFound: () => Promise<void>;
  /** Whether they speak of connectors. */
  readonly isWanted: () => boolean;
  /** Resolves once the connectors are there. */
  readonly rest: () => Promise<unknown>;
}

/** Lets the empty view say that there is no connector once that is known, and not before. */
export const tellStart = async ({ filesFound, isWanted, rest }: Start): Promise<void> => {
  putStart("reading");
  await filesFound();
  try {
    if (isWanted()) await rest();
    putStart("known");
  } catch {
    putStart("failed");
  }
};

/** Whether the connectors of this window are known, or cannot be. */
export const putStart = (state: "reading" | "known" | "failed"): void => {
  putContext("lanyard.isKnown", state === "known");
  putContext("lanyard.startFailed", state === "failed");
};

const putContext = (key: ContextKey, value: boolean): void =>
  inBackground("contextKeys.set", () => vscode.commands.executeCommand("setContext", key, value));

export interface ContextKeysParts {
  readonly board: Board;
  readonly identity: IdentityService;
  readonly acts: UserActions;
  readonly view: ConnectorsView;
  readonly wait: SignInWait;
}

/** What the manifest's `when` and `enablement` clauses look at. */
export class ContextKeys implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #set = new Map<ContextKey, boolean>();

  constructor({ board, identity, acts, view, wait }: ContextKeysParts) {
    const fromBoard = (): void => this.#putBoard(board);
    const soon = new Throttle(fromBoard, togetherMs);
    const fromIdentity = async (): Promise<void> => {
      this.#put("lanyard.signedIn", (await identity.list()).length > 0);
    };
    this.#owned.add(soon);
    this.#owned.add(board.onDidChange(() => soon.request()));
    this.#owned.add(view.onDidChangeFilter((isOn) => this.#put("lanyard.isFiltered", isOn)));
    this.#owned.add(acts.onDidChange(() => this.#put("lanyard.isWaiting", acts.size > 0)));
    this.#owned.add(identity.onDidChange(() => inBackground("contextKeys.read", fromIdentity)));
    this.#owned.add(wait.onDidChange(() => this.#putWays(wait)));
    fromBoard();
    inBackground("contextKeys.read", fromIdentity);
  }

  dispose(): void {
    this.#owned.dispose();
    for (const key of this.#set.keys()) this.#put(key, false);
  }

  #putBoard(board: Board): void {
    const facts = boardFacts(board.entries());
    this.#put("lanyard.hasConnectors", facts.hasConnectors);
    this.#put("lanyard.hasApproved", facts.hasApproved);
    this.#put("lanyard.needsApproval", facts.needsApproval);
    this.#put("lanyard.needsConnection", facts.needsConnection);
    this.#put("lanyard.needsStepUp", facts.needsStepUp);
    this.#put("lanyard.needsNothing", facts.needsNothing);
    this.#put("lanyard.isUsed", facts.isUsed);
  }

  #putWays({ underWay }: SignInWait): void {
    const ways = underWay === undefined ? [] : waysOf(underWay.waiting);
    this.#put("lanyard.isSigningIn", underWay !== undefined);
    this.#put("lanyard.canOpenSignInPage", ways.includes("openAgain"));
    this.#put("lanyard.canSignInByCode", ways.includes("useCode"));
    this.#put("lanyard.canPasteAddress", ways.includes("paste"));
  }

  #put(key: ContextKey, value: boolean): void {
    if (this.#set.get(key) === value) return;
    this.#set.set(key, value);
    putContext(key, value);
  }
}
