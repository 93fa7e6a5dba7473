import type { Node } from "jsonc-parser";
import { plainText } from "../../text.ts";
import { expand, type Env } from "../entry/expand.ts";
import type { Issue } from "../issues/issue.ts";
import { issues } from "../issues/issues.ts";
import { Places } from "../text/places.ts";
import type { Fix } from "./fix.ts";
import { propertyOf } from "./members.ts";
import { serversIn, treeOf } from "./server.ts";

/** Issuers as somebody wrote them → as their own metadata spells them, with one slash more or less at the end. */
export type Spellings = ReadonlyMap<string, string>;

/** Where a text names an issuer in a spelling that is known to be wrong. */
export const misspeltIssuers = (
  file: string,
  text: string,
  spellings: Spellings,
  env: Env,
): readonly Issue[] => {
  const root = spellings.size === 0 ? undefined : treeOf(text);
  if (root === undefined) return [];
  const places = new Places(file, text);
  return [root, ...serversIn(root).map(({ entry }) => entry)].flatMap((holder) => {
    const issuer = issuerIn(holder);
    const written: unknown = issuer?.value;
    if (issuer === undefined || typeof written !== "string") return [];
    const right = spellings.get(expand(written, env).text);
    const place = places.at(issuer.offset, issuer.length);
    return right === undefined ? [] : [issues.issuerSpelling({ place }, plainText(right, 200))];
  });
};

const issuerIn = (holder: Node): Node | undefined => {
  const userAuth = propertyOf(holder, "userAuth")?.value;
  return userAuth && propertyOf(userAuth, "issuer")?.value;
};

/** Adds the slash, or takes it away. What a variable holds is not in the text to be mended. */
export const spellIssuer = (
  text: string,
  { offset, length }: Pick<Node, "offset" | "length">,
): readonly Fix[] => {
  const written = /^"(https?:[^"$\\]+)"$/.exec(text.slice(offset, offset + length))?.[1];
  if (written === undefined) return [];
  const right = written.endsWith("/") ? written.slice(0, -1) : `${written}/`;
  return [{ kind: "spellIssuer", subject: right, edits: [{ offset, length, content: `"${right}"` }] }];
};
