/** What comes of asking for a credential, whatever vault answers it; the wire is made of it in `reply.ts`. */
export type FacadeAnswer =
  | GrantedToken
  | ConnectFirst
  | StepUpFirst
  | StillPending
  | DeniedAnswer
  | { readonly kind: "misconfigured"; readonly reason: string }
  | UnavailableAnswer
  /** The user's token is no good any more; the reason is for the record and the reply. */
  | { readonly kind: "deadSubject"; readonly reason: string }
  /** What was asked for was not done in time. */
  | { readonly kind: "expired"; readonly reason: string }
  | { readonly kind: "unknownTarget" };

export interface GrantedToken {
  readonly kind: "granted";
  readonly token: string;
  readonly issuedTokenType: string;
  /** `N_A` is no access token, such as an API key (RFC 8693, section 2.2.1). */
  readonly tokenType: "Bearer" | "N_A";
  readonly expiresInSeconds?: number;
  readonly scope?: string;
}

/** The person has to open a page: to connect an account, or to connect it again. */
export interface ConnectFirst {
  readonly kind: "connect";
  readonly url: string;
  readonly reason: string;
  readonly expiresInSeconds?: number;
}

/** The person has to prove more: by signing in again, or on a page. */
export interface StepUpFirst {
  readonly kind: "stepUp";
  readonly reason: string;
  readonly acrValues?: string;
  readonly maxAgeSeconds?: number;
  /** A claims request (OpenID Connect Core, section 5.5), as JSON. */
  readonly claims?: string;
  readonly url?: string;
}

export interface StillPending {
  readonly kind: "pending";
  readonly reason: string;
  /** What the person compares on the phone and in the editor. */
  readonly bindingMessage?: string;
  readonly expiresInSeconds?: number;
  /** A push is needed, and was not sent, for nobody asked for one. */
  readonly unsent?: true;
}

export interface DeniedAnswer {
  readonly kind: "denied";
  readonly by: "policy" | "user" | "upstream";
  readonly reason: string;
  readonly helpUrl?: string;
}

export interface UnavailableAnswer {
  readonly kind: "unavailable";
  readonly reason: string;
  readonly retryAfterSeconds?: number;
  /** The person has asked too often. */
  readonly tooMany?: true;
}

/** Whether the same question may be answered otherwise soon, without another of the person's tokens. */
export const isOpenAnswer = (answer: FacadeAnswer): boolean =>
  answer.kind === "connect" ||
  (answer.kind === "pending" && answer.unsent !== true) ||
  (answer.kind === "stepUp" && answer.url !== undefined);

export const notSetUp = (reason: string): FacadeAnswer => ({ kind: "misconfigured", reason });
export const unavailable = (reason: string, retryAfterSeconds?: number): UnavailableAnswer => ({
  kind: "unavailable",
  reason,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});
export const deadSubject = (reason: string): FacadeAnswer => ({ kind: "deadSubject", reason });
