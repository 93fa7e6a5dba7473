import type { SignRequest } from "../ports.ts";
import type { SignedOutCause, StepUpMethod } from "../credentials/grant.ts";
import type { Disposable } from "../disposable.ts";
import type { Event } from "../emitter.ts";
import type { Secret } from "../secret.ts";

/** Which sign-in a connector needs. Connectors with the same issuer and client share one. */
export interface SessionNeed {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resource?: string;
  /** One account alone will do (`accountOf`); left out: whoever is signed in. */
  readonly account?: string;
}

/** Names the person at one issuer and client, whatever their sessions there are for. */
export const accountOf = ({ id, account }: Pick<SessionInfo, "id" | "account">): string => account ?? id;

/** An identity session without its tokens: what may be shown. */
export interface SessionInfo {
  /** Names the record: a hash of issuer, client and subject. */
  readonly id: string;
  /** Where the person may have several: what those have in common. */
  readonly account?: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly subject: string;
  /** The person's name at the IdP, as plain text; unique among the sessions. */
  readonly accountLabel: string;
  readonly scopes: readonly string[];
  readonly signedInAtMs: number;
  /** Authentication context class reference of the sign-in (OpenID Connect Core, section 2). */
  readonly acr?: string;
  readonly authTimeSeconds?: number;
}

/** A session that can be used now. The refresh token is not on it: it never leaves the identity layer. */
export interface ActiveSession extends SessionInfo {
  readonly accessToken: Secret;
  readonly accessTokenExpiresAtMs?: number;
  readonly idToken?: Secret;
  /** The access token is bound to a key (RFC 9449): who sends it has to prove possession, and nobody can use it as a bearer token. */
  readonly senderConstrained?: true;
}

export type SessionAnswer =
  | { readonly kind: "active"; readonly session: ActiveSession }
  | { readonly kind: "signedOut"; readonly cause: SignedOutCause }
  | { readonly kind: "unavailable"; readonly reason: string; readonly retryAtMs: number };

/** What somebody who needs a session gets: the identity's own answer, or that a stronger sign-in is demanded for it. */
export type SourceAnswer =
  SessionAnswer | { readonly kind: "stepUp"; readonly how: StepUpMethod; readonly reason: string };

export interface FreshOptions {
  readonly signal: AbortSignal;
  /** `traceparent` of the request that needs it. */
  readonly traceparent?: string;
  /** The access token that was refused: a session that still holds it is refreshed whatever its expiry says. */
  readonly refused?: Secret;
}

/** What the pipeline needs of identity: a session whose access token is good for the next request. */
export interface SessionSource {
  fresh(need: SessionNeed, options: FreshOptions): Promise<SourceAnswer>;
}

/** Proves, to others than the IdP, that the key is held to which a session's tokens are bound. */
export interface ProofSource {
  /**
   * @param token what is bound to the session's key; its own token where left out.
   * @returns undefined for a session whose tokens are bearer tokens.
   */
  signer(session: ActiveSession, token?: Secret): SignRequest | undefined;
}

export interface SessionChange {
  readonly added: readonly SessionInfo[];
  readonly removed: readonly (SessionInfo & { readonly cause: SignedOutCause })[];
  /** `by`: a renewal leaves what the person proved as it was, a sign-in may have made it more. */
  readonly changed: readonly (SessionInfo & { readonly by: "renewal" | "signIn" })[];
}

/** How an entry wants its sign-in to be asked for. */
export interface SignInNeed extends SessionNeed {
  /** The loopback redirect that is registered, where the identity provider compares it whole. */
  readonly redirectUri?: string;
  /** OpenID Connect Core, section 3.1.2.1. */
  readonly prompt?: string;
  /** Parameters that one provider or another wants with the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Whether `offline_access` is asked for; left out: where the identity provider names it. */
  readonly offlineAccess?: boolean;
  /** The variable that holds the client's secret, as the entry names it. */
  readonly clientSecret?: string;
}

/** What a sign-in asks for beyond the need itself (RFC 9470 step-up, account hints). */
export interface SignInRequest extends SignInNeed {
  readonly acrValues?: readonly string[];
  /** Asked for where `acrValues` names none, and not looked for in what comes: what the session before had. */
  readonly wishedAcr?: string;
  readonly maxAgeSeconds?: number;
  readonly loginHint?: string;
  /** Of a client that its identity provider gives a secret though it cannot keep one (Google's installed apps). */
  readonly secret?: Secret;
}

export type SignInFailure =
  | "cancelled"
  | "denied"
  | "timedOut"
  | "wrongState"
  | "wrongIssuer"
  | "clockSkew"
  | "unreachable"
  | "notPossibleHere"
  | "redirectTaken"
  | "noMetadata"
  | "requestRefused"
  | "unknownClient"
  | "notForPerson"
  | "noIdToken"
  | "stepUpUnmet"
  | "storageFailed"
  | "mixUp"
  | "rejected";

/** How far a sign-in had come; `par` is the pushed authorization request, `device` the request for a code. */
export type SignInStep = "discovery" | "par" | "device" | "browser" | "token" | "idToken" | "userinfo";

/** Where a sign-in failed, as its administrators can find it. */
export interface FailurePoint {
  readonly step: SignInStep;
  /** Who was asked, or whose page was open. */
  readonly host: string;
  /** HTTP status of the reply that ended it, where there was one. */
  readonly status?: number;
  /** By the protocol (RFC 6749, section 5.2), the platform, or ourselves. */
  readonly code?: string;
}

export type SignInOutcome =
  | {
      readonly kind: "signedIn";
      readonly session: SessionInfo;
      /** What was asked for and not granted; absent where all was. */
      readonly notGranted?: readonly string[];
    }
  /**
   * `template` and `args` make the sentence for the person; `detail` is the IdP's own words, as plain text; `traceId` is
   * in every request that the sign-in made.
   */
  | {
      readonly kind: "failed";
      readonly failure: SignInFailure;
      readonly template: string;
      readonly args: readonly (string | number)[];
      readonly detail?: string;
      /** What Lanyard itself has to add. */
      readonly note?: string;
      readonly point?: FailurePoint;
      /** The issuer as its metadata spells it, where the two differ by a slash alone. */
      readonly spelling?: string;
      readonly traceId?: string;
    };

/** Whether the IdP was told: RFC 7009. The tokens are wiped here whatever it answers. */
export type SignOutOutcome =
  | {
      readonly kind: "signedOut";
      readonly revoked: boolean;
      /** Absent where the IdP cannot be asked, or has no page for it. */
      readonly browserSession?: BrowserSession;
    }
  | { readonly kind: "unknownSession" };

/** The session that the person's browser still has at the IdP, and the page that ends it. */
export interface BrowserSession {
  /** The page's address as the metadata has it, to be shown. */
  readonly page: string;
  /** The same with what tells the IdP whose session is meant: the ID token. To be opened, never shown. */
  readonly url: Secret;
}

/** One way in which the authorization response comes back. The first that can start in this place is used. */
export interface RedirectReceiver {
  readonly kind: "loopback" | "uriHandler";
  /** Exactly what is sent as `redirect_uri`. */
  readonly redirectUri: string;
  /** The whole URL that the browser came back with. What is not expected is turned away, and waited on for. Rejects with the signal's reason. */
  receive(signal: AbortSignal, isExpected?: (answer: URL) => boolean): Promise<URL>;
  /** Shows the person, in the browser tab that came back, what became of it. */
  conclude(outcome: SignInOutcome): void;
  dispose(): Promise<void>;
}

/** The registered redirect is on a port that somebody else listens on. */
export interface RedirectTaken {
  readonly kind: "taken";
  readonly redirectUri: string;
  readonly port: number;
  /** By a sign-in of another window, which will be over. */
  readonly isSignIn: boolean;
  /** The program's name and process id, where the system tells. */
  readonly program?: string;
}

export type ReceiverStart = () => Promise<RedirectReceiver | RedirectTaken | undefined>;

/** A sign-in whose page is open in the browser, and how it can go on where the browser does not come back. */
export interface BrowserWait {
  readonly url: string;
  /**
   * Takes the address that the browser ended at. @returns false for one that is no answer to this sign-in, which then
   * goes on waiting.
   */
  paste(address: string): boolean;
  /** Goes on by the device flow; absent where the identity provider has none. */
  useCode?(): void;
}

/** What the person types into a page, on any device (RFC 8628, section 3.3). */
export interface DeviceCode {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  readonly expiresAtMs: number;
}

/** The person's side of a sign-in: their browser, and words on the screen. */
export interface SignInPorts {
  /** In order of preference; one that cannot work here answers `undefined`. */
  readonly receivers: readonly ReceiverStart[];
  /** Shows that another window's sign-in is waited for, until the returned object is disposed of. */
  showQueued?(taken: RedirectTaken): Disposable;
  /**
   * Asks whether to go on where nothing in the answer tells this IdP from another at which the person is signed in:
   * they alone see whose page opens. Absent, the sign-in is not begun.
   */
  confirmIndistinct?(issuer: string, others: readonly string[]): Promise<boolean>;
  /** @returns false when no browser was opened (the person declined, or has no browser). */
  openBrowser(url: string): Promise<boolean>;
  /** Offers the ways on while the browser is waited for, until the returned object is disposed of. */
  showWaiting?(wait: BrowserWait): Disposable;
  /** Shows that the storage is waited for, of which the person may be asked a password. */
  showKeeping?(): Disposable;
  /** Shows the device flow's code until the returned object is disposed of. */
  showDeviceCode(code: DeviceCode): Disposable;
}

/** The owner of every identity session. */
export interface IdentityService extends SessionSource, Disposable {
  readonly onDidChange: Event<SessionChange>;
  /** Reads the stored sessions; cheap, never prompts, never asks the network. */
  list(): Promise<readonly SessionInfo[]>;
  /** The access token of one session as stored, for `AuthenticationProvider.getSessions`; no network. */
  stored(sessionId: string): Promise<ActiveSession | undefined>;
  /**
   * The same, renewed first where its access token is over, or nearly: as stored where that is not possible by then.
   * Rejects with the signal's reason.
   */
  renewed(sessionId: string, signal: AbortSignal): Promise<ActiveSession | undefined>;
  signIn(request: SignInRequest, ports: SignInPorts, signal: AbortSignal): Promise<SignInOutcome>;
  signOut(sessionId: string): Promise<SignOutOutcome>;
}
