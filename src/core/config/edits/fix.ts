import type { Edit } from "jsonc-parser";
import { plainText, type Translate } from "../../text.ts";

/** What a quick fix does; `subject` is the text of the file that it is about. */
export type FixKind =
  | "addDefault"
  | "addHelper"
  | "wrapHelper"
  | "replaceHelper"
  | "everywhere"
  | "addType"
  | "removeToken"
  | "addGuard"
  /** `subject`: how many entries. */
  | "addGuards"
  | "useHttps"
  | "spellIssuer"
  | "connect";

/** An edit in which a part of the new text may be left to the person. */
export interface FixEdit extends Edit {
  /** From the start of `content`, in UTF-16 units. */
  readonly placeholder?: { readonly offset: number; readonly length: number };
}

/** Edits that do not overlap, all to one text. */
export interface Fix {
  readonly kind: FixKind;
  readonly subject: string;
  readonly edits: readonly FixEdit[];
}

/** What the person chooses by. */
export const fixTitle = ({ kind, subject }: Fix, t: Translate): string => {
  const name = plainText(subject, 60);
  switch (kind) {
    case "addDefault":
      return t("Add a default for {0}", name);
    case "addHelper":
      return t('Let Lanyard get the headers of "{0}"', name);
    case "wrapHelper":
      return t('Let Lanyard run the helper of "{0}", with the sign-in', name);
    case "replaceHelper":
      return t('Replace the helper of "{0}" by Lanyard', name);
    case "everywhere":
      return t('Write the helper of "{0}" for every system', name);
    case "addType":
      return t('Add "type": "http" to "{0}"', name);
    case "removeToken":
      return t('Remove the token of "{0}" from the file', name);
    case "addGuard":
      return t('Let no request of "{0}" go out without a credential', name);
    case "addGuards":
      return t("Do so for all {0} entries of this file that need it", name);
    case "useHttps":
      return t("Use {0}", name);
    case "spellIssuer":
      return t("Write the issuer as {0}", plainText(subject, 200));
    case "connect":
      return t('Turn "{0}" into a connector: no token in the file, one for each person', name);
  }
};
