import type { PageWords } from "./page.ts";

const words = (status: PageWords["status"], title: string, message: string, advice: string): PageWords => ({
  ...{ kind: "words", status, title, message, advice },
});

const again = "Go back to the editor, and open the page from there again.";
const notConnected = "Your account is not connected";

/** Everything that a page of the facade's can say. */
export const pageWords = {
  over: words(
    410,
    "This page is over",
    "A page for connecting an account is good for minutes, and once.",
    again,
  ),
  elsewhere: words(
    400,
    "This did not begin here",
    "It was begun in another browser, in another page since, or too long ago.",
    again,
  ),
  anotherPerson: words(
    403,
    "This page is not for you",
    "It was made for somebody else than who is signed in in this browser. Nothing has been connected.",
    "If you asked for it, sign out of the other account first, and open the page from the editor again.",
  ),
  notSignedIn: words(400, "You are not signed in", "The identity provider has not signed you in.", again),
  noIdp: words(503, notConnected, "The identity provider does not answer now.", "Try it again in a while."),
  failed: (reason: string): PageWords => words(400, notConnected, reason, again),
  tooLong: words(
    400,
    notConnected,
    "What the browser would have to keep is too long for a cookie.",
    "Tell your administrators: the identity provider's tokens have to become shorter.",
  ),
  connected: words(
    200,
    "Your account is connected",
    "The editor goes on by itself.",
    "You can close this page and go back to it.",
  ),
  /** Where only the vault knows whether it is. */
  back: words(
    200,
    "Back to the editor",
    "It looks whether your account is connected now.",
    "You can close this page.",
  ),
} as const;
