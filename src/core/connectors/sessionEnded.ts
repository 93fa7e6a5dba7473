import type { SignedOutCause } from "../credentials/grant.ts";

/** A question with the session that it is asked with, once there is one. */
export interface Asking {
  readonly end: AbortController;
  sessionId?: string;
}

/** Ends the questions of a session that is over. */
export class SessionEnded extends Error {
  override readonly name = "SessionEnded";
  readonly why: SignedOutCause;

  constructor(why: SignedOutCause) {
    super("The session has ended.");
    this.why = why;
  }
}
