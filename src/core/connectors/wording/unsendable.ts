import { plainText } from "../../text.ts";

const longestName = 4000;
const opening = "Lanyard has nothing to send";

/**
 * The refusal that Claude Code understands: a JSON object with one header whose name no HTTP client sends, because it
 * holds a space and so is no token (RFC 9110, section 5.6.2). Claude Code then refuses on its own side, sends nothing
 * to the connector, and shows the name to the person.
 */
export const unsendableHeader = (sentence: string): string => {
  const text = plainText(sentence, longestName);
  const name = text.includes(" ") ? text : `${opening} ${text}`;
  return JSON.stringify({ [name]: "" });
};
