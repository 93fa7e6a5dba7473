import { english, type Translate } from "../text.ts";
import type { SignInOutcome } from "./session.ts";

export interface ResultPageOptions {
  /** The page's text with `{{name}}` places: `media/sign-in-result.html`. */
  readonly template: string;
  /** BCP 47 tag of the language that `translate` speaks. */
  readonly lang?: string;
  readonly translate?: Translate;
}

/** Fills in the page that a browser shows after the redirect. `undefined`: the outcome is not known yet. */
export type ResultPage = (outcome: SignInOutcome | undefined, nonce: string) => string;

/** The page in words: what happened, what the IdP said, what to do. Everything is escaped. */
export const resultPage = (options: ResultPageOptions): ResultPage => {
  const { template, lang = "en", translate = english } = options;
  return (outcome, nonce) => fillIn(template, { lang, nonce, ...wordsFor(outcome, translate) });
};

const wordsFor = (outcome: SignInOutcome | undefined, t: Translate): Readonly<Record<string, string>> => {
  const back = t("You can close this page and go back to the editor.");
  switch (outcome?.kind) {
    case undefined:
      return {
        kind: "under-way",
        sign: "…",
        title: t("The sign-in is being completed"),
        message: t("The editor has received the answer and is checking it."),
        detail: "",
        advice: t("Go back to the editor: it tells you how the sign-in ended. You can close this page."),
      };
    case "signedIn":
      return {
        kind: "signed-in",
        sign: "✓",
        title: t("You are signed in"),
        message: t("Lanyard is signed in as {0}.", outcome.session.accountLabel),
        detail: "",
        advice: back,
      };
    case "failed":
      return {
        kind: "failed",
        sign: "✕",
        title:
          outcome.failure === "stepUpUnmet"
            ? t("The stronger sign-in is not complete")
            : t("You are not signed in"),
        message: [t(outcome.template, ...outcome.args), outcome.note]
          .filter((part) => part !== undefined)
          .join(" "),
        detail: outcome.detail === undefined ? "" : t("The identity provider says: {0}", outcome.detail),
        advice: back,
      };
  }
};

const fillIn = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{(\w+)\}\}/g, (_place, name: string) => escapeHtml(values[name] ?? ""));

/** Safe as text and inside quoted attributes. */
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
