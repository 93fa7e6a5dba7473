import * as vscode from "vscode";
import type { Connector } from "../../core/config/connector.ts";
import { inBackground } from "../../core/background.ts";
import { Emitter } from "../../core/emitter.ts";
import { DisposableStore } from "../../core/disposable.ts";
import { plainText } from "../../core/text.ts";
import { hostOf } from "../../core/urls.ts";
import type { FailedSignIn } from "../../core/identity/failures.ts";
import type {
  IdentityService,
  SessionInfo,
  SessionNeed,
  SignInFailure,
  SignInOutcome,
  SignInPorts,
  SignInRequest,
} from "../../core/identity/session.ts";
import { needsOf } from "../../core/identity/needs.ts";
import { openInBrowser } from "./browser.ts";
import { ForbiddenSignIn } from "./forbiddenSignIn.ts";
import type { SignInWait } from "./signInWait.ts";
import { progressOf } from "./waysOn.ts";
import { confirm, pickOne, tellWarning, withProgress, type Progress } from "../screen.ts";

export interface SignInParts {
  identity(): Promise<Pick<IdentityService, "signIn">>;
  /** Holds what the sign-in waits for, and the ways on. */
  readonly wait: SignInWait;
  receivers(request: SignInRequest): Promise<SignInPorts["receivers"]>;
  /** What else is known for it: the client's secret, and the name of the account that is meant. */
  knownFor(request: SignInRequest): Pick<SignInRequest, "secret" | "loginHint">;
  /** The connectors that may be signed in for: of trusted folders, and approved. */
  connectors(): readonly Connector[];
  /** Decides which folders use the account that signed in; `wanted` is the one that was to. */
  settle(session: SessionInfo, wanted: string | undefined): Promise<void>;
  /** Told how each sign-in ended. */
  onEnd?(outcome: SignInOutcome): void;
}

/** A sign-in that failed, until one for the same entries succeeds. */
export interface FailedHere {
  readonly need: SessionNeed;
  readonly outcome: FailedSignIn;
  readonly atMs: number;
}

/** A sign-in that did not come about, in words for the person. Cancelling is the editor's `CancellationError`. */
export class SignInError extends Error {
  override readonly name = "SignInError";
  /** Absent when it did not even begin, or may not go on. */
  readonly failure: SignInFailure | undefined;
  /** Of the requests that it made. */
  readonly traceId: string;

  constructor(message: string, failed?: { readonly failure: SignInFailure; readonly traceId?: string }) {
    super(message);
    this.failure = failed?.failure;
    this.traceId = failed?.traceId ?? "";
  }
}

export interface SignInDisplay {
  /** Whoever signs in, and not the account that the folders here use: the caller decides what comes of it. */
  readonly isAnother?: boolean;
  /** Ends the sign-in from outside. */
  readonly signal?: AbortSignal;
  /** Where its progress shows; a notification that can be cancelled when left out. */
  readonly location?: vscode.ProgressOptions["location"];
}

/** Runs a sign-in with its progress, one at a time in this window. */
export class SignIn {
  readonly #parts: SignInParts;
  readonly #failed = new Map<string, FailedHere>();
  readonly #changed = new Emitter<undefined>();
  /** What failed is more, or less, than it was. */
  readonly onDidChangeFailures = this.#changed.event;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** @throws SignInError, or CancellationError when the person cancelled. */
  async run(
    asked: Partial<SignInRequest> & { readonly scopes: readonly string[] },
    display: SignInDisplay = {},
  ): Promise<SessionInfo> {
    const request = await this.#complete(asked, display.isAnother);
    const forbidden = new ForbiddenSignIn(
      this.#parts.connectors().filter(({ userAuth }) => isSignedInBy(request, userAuth)),
    );
    const ends = [forbidden.signal, ...(display.signal === undefined ? [] : [display.signal])];
    const signal = AbortSignal.any(ends);
    const showing = this.#inTurn(() => this.#show(request, { ...display, signal }));
    const outcome = await showing.finally(() => forbidden.dispose());
    this.#parts.onEnd?.(outcome);
    this.#note(request, outcome);
    switch (outcome.kind) {
      case "signedIn":
        if (outcome.notGranted !== undefined) tellNotGranted(request, outcome.notGranted);
        if (display.isAnother !== true) await this.#parts.settle(outcome.session, request.account);
        return outcome.session;
      case "failed":
        if (outcome.failure === "cancelled") throw endOf(forbidden);
        throw new SignInError(await sentenceOf(outcome), outcome);
    }
  }

  /** The newest last. */
  failures(): readonly FailedHere[] {
    return [...this.#failed.values()];
  }

  #note(need: SessionNeed, outcome: SignInOutcome): void {
    const key = JSON.stringify([need.issuer, need.clientId]);
    if (outcome.kind === "failed" && outcome.failure === "cancelled") return;
    this.#failed.delete(key);
    if (outcome.kind === "failed") this.#failed.set(key, { need, outcome, atMs: Date.now() });
    this.#changed.fire(undefined);
  }

  /** Fills in what the caller left open from the connectors, asking where there is a choice. */
  async #complete(
    asked: Partial<SignInRequest> & { readonly scopes: readonly string[] },
    isAnother = false,
  ): Promise<SignInRequest> {
    const known = needsOf(this.#parts.connectors()).filter(
      (need) =>
        (asked.issuer === undefined || need.issuer === asked.issuer) &&
        (asked.clientId === undefined || need.clientId === asked.clientId) &&
        (asked.account === undefined || need.account === asked.account),
    );
    const need = known.length > 1 ? await pickNeed(known) : known[0];
    if (need === undefined) {
      throw new SignInError(vscode.l10n.t("No approved connector here names this identity provider."));
    }
    const scopes = [...new Set([...need.scopes, ...asked.scopes])];
    const { account, ...request } = { ...need, ...asked, scopes };
    const wanted = account === undefined || isAnother ? request : { ...request, account };
    return { ...this.#parts.knownFor(wanted), ...wanted };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#underWay.catch(() => undefined).then(work);
    this.#underWay = turn;
    return turn;
  }

  async #show(request: SignInRequest, display: SignInDisplay): Promise<SignInOutcome> {
    const host = hostOf(request.issuer);
    const { location = vscode.ProgressLocation.Notification } = display;
    const options = { location, title: vscode.l10n.t("Signing in at {0}…", host), cancellable: true };
    return withProgress(options, async (progress, cancelled) => {
      const { wait } = this.#parts;
      const abort = new AbortController();
      const owned = new DisposableStore();
      owned.add(wait.onDidChange(() => report(progress, wait)));
      owned.add(wait.begin(host, () => abort.abort()));
      const signals = [abort.signal, cancelled, ...(display.signal === undefined ? [] : [display.signal])];
      const signal = AbortSignal.any(signals);
      try {
        const identity = await this.#parts.identity();
        return await identity.signIn(request, await this.#ports(request), signal);
      } finally {
        owned.dispose();
      }
    });
  }

  async #ports(request: SignInRequest): Promise<SignInPorts> {
    const { wait } = this.#parts;
    return {
      receivers: await this.#parts.receivers(request),
      showQueued: ({ port }) => wait.show({ kind: "port", port }),
      showWaiting: (browser) => wait.show({ kind: "browser", wait: browser }),
      confirmIndistinct,
      openBrowser: openInBrowser,
      showKeeping: () => wait.show({ kind: "storage" }),
      showDeviceCode: (code) => wait.show({ kind: "code", code }),
    };
  }
}

const isSignedInBy = (request: SignInRequest, { issuer, clientId }: SessionNeed): boolean =>
  issuer === request.issuer && clientId === request.clientId;

/** The person knows that they have cancelled; of a policy they are told. */
const endOf = ({ why }: ForbiddenSignIn): Error =>
  why === undefined ? new vscode.CancellationError() : new SignInError(why);

/** Two identity providers whose answers look alike: the person sees whose page opens, and nobody else does. */
const confirmIndistinct = (issuer: string, others: readonly string[]): Promise<boolean> =>
  confirm({
    severity: "warning",
    message: vscode.l10n.t("Sign in at {0} only on a page of its own.", hostOf(issuer)),
    detail: vscode.l10n.t(
      "Neither {0} nor {1} says in its answer which of them it is. If the page that opens is one of {1}, close it and cancel: {0} could otherwise sign in there in your name.",
      hostOf(issuer),
      others.map(hostOf).join(", "),
    ),
    yes: vscode.l10n.t("Go On"),
  });

/** The sign-in stands; whoever needs what is missing will say so. */
const tellNotGranted = ({ issuer }: SignInRequest, scopes: readonly string[]): void =>
  inBackground("signIn.tell", () =>
    tellWarning(
      vscode.l10n.t(
        "You are signed in, but {0} did not grant all that was asked for. Missing: {1}.",
        hostOf(issuer),
        plainText(scopes.join(" ")),
      ),
    ),
  );

const report = (progress: Progress, { underWay }: SignInWait): void => {
  if (underWay === undefined) return;
  const { text, links } = progressOf(underWay.waiting);
  progress.report(text, links);
};

const pickNeed = async (needs: readonly SessionNeed[]): Promise<SessionNeed> => {
  const items = needs.map((need) => ({ label: hostOf(need.issuer), description: need.clientId, need }));
  const picked = await pickOne(items, {
    title: vscode.l10n.t("Sign in"),
    placeHolder: vscode.l10n.t("Which identity provider?"),
  });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.need;
};

const sentenceOf = async (outcome: FailedSignIn): Promise<string> => {
  const { failureSentence } = await import("../../core/identity/failureWords.ts");
  return failureSentence(outcome, vscode.l10n.t);
};
