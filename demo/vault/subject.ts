/** Whom a user token speaks for, and how they signed in. */
export interface Subject {
  readonly user: string;
  readonly acr: string | undefined;
  readonly authTimeSeconds: number | undefined;
  /** The key that the token is bound to (RFC 9449 section 6.1), when it is. */
  readonly keyThumbprint: string | undefined;
}

/** Asks the IdP; undefined when the token is unknown, expired or revoked. */
export type FindSubject = (token: string) => Promise<Subject | undefined>;
