import { plainText } from "../../text.ts";

const longestName = 4000;
const opening = "Lanyard has nothing to send";

/** What stands beside the reason: no credential, and no scheme, so that nothing can take it for one. */
export const dummy = "nothing-to-send";

/** Where nobody knows the entry: its guard most likely stands under this name. */
export const usualGuards: readonly string[] = ["Authorization"];

/** A name that a guard can stand under (RFC 9110, section 5.6.2), and that JSON and a shell write as it is. */
const plainName = /^[\w.-]{1,128}$/;

/**
 * The refusal that Claude Code understands: a JSON object with one header whose name no HTTP client sends, because it
 * holds a space and so is no token (RFC 9110, section 5.6.2). Claude Code then refuses on its own side, sends nothing
 * to the connector, and shows the name to the person. The guard of the entry would be shown instead, so that a value
 * that could be sent stands under each name that it may have.
 */
export const unsendableHeader = (sentence: string, guarded: readonly string[] = usualGuards): string => {
  const text = plainText(sentence, longestName);
  const name = text.includes(" ") ? text : `${opening} ${text}`;
  const dummies = guarded.filter((each) => plainName.test(each)).map((each) => [each, dummy]);
  return JSON.stringify(Object.fromEntries([[name, ""], ...dummies]));
};
