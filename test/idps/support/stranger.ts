import type { Page } from "playwright-core";
import type { SignInNeed } from "../../../src/core/identity/session.ts";

/** An identity provider that nobody here wrote, on loopback, with a public client of Lanyard's and one person. */
export interface Stranger extends AsyncDisposable {
  readonly name: string;
  readonly issuer: string;
  /** The client, its scopes and the one redirect that is registered. */
  readonly need: SignInNeed & { readonly redirectUri: string };
  /** In the page that a sign-in has opened, until the browser is on its way back. */
  logIn(page: Page): Promise<void>;
  /** On the page of a device code, which is in its address; absent where there is no device flow. */
  approveCode?(page: Page): Promise<void>;
  /** What an administrator does: the person's sign-in there ends. Absent where only its pages can do that. */
  endSessions?(): Promise<void>;
  /** The provider ends, as in an outage. */
  halt(): Promise<void>;
}
