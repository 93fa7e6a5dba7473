import { parseLoopbackRedirect } from "../../identity/redirect.ts";
import { plainText } from "../../text.ts";
import { isLoopback } from "../../urls.ts";

/** What keeps a URL from being used, as the schema reports it (`params.problem` of zod's custom issue). */
export type UrlProblem =
  | "invalidUrl"
  | "strangeUrl"
  | "insecureUrl"
  | "insecureIssuer"
  | "urlWithUser"
  | "issuerWithQuery"
  | "invalidResource"
  | "invalidRedirect";

/** RFC 3986, appendix A: nothing else is in a URL. Brackets stand around the address of an IPv6 host alone. */
const urlCharacters =
  /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\])?(?:[a-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9a-f]{2})*$/i;

/** What parsers of URLs drop or turn around, so that what is read is not what is asked. */
const hasStrangeCharacters = (text: string): boolean =>
  /[\s\\]/.test(text) || plainText(text, Infinity) !== text;

/** Whether what is sent to the URL is safe from others on the way: TLS, or it never leaves this machine. */
const isSecure = (url: URL): boolean =>
  url.protocol === "https:" || url.protocol === "wss:" || isLoopback(url);

const isWeb = (url: URL): boolean => /^(?:https?|wss?):$/.test(url.protocol);

/** The URL of an MCP server: https (or wss), or plain on this machine. */
export const serverUrlProblem = (text: string): UrlProblem | undefined => {
  const url = URL.parse(text);
  if (url === null || !isWeb(url)) return "invalidUrl";
  if (hasStrangeCharacters(text)) return "strangeUrl";
  if (url.username !== "" || url.password !== "") return "urlWithUser";
  return isSecure(url) ? undefined : "insecureUrl";
};

/** An issuer identifier, in the characters of URLs alone: an https URL without query or fragment (RFC 8414 section 2), plain http on this machine only. */
export const issuerProblem = (text: string): UrlProblem | undefined => {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return "invalidUrl";
  if (!urlCharacters.test(text)) return "strangeUrl";
  if (url.username !== "" || url.password !== "") return "urlWithUser";
  if (!isSecure(url)) return "insecureIssuer";
  return /[?#]/.test(text) ? "issuerWithQuery" : undefined;
};

/** Where events are asked for over HTTP, with a token: https, or http on this machine. */
export const eventsProblem = (text: string): UrlProblem | undefined => {
  const problem = serverUrlProblem(text);
  if (problem !== undefined) return problem;
  return /^wss?:/i.test(text) ? "invalidUrl" : undefined;
};

/** A resource indicator: an absolute URI without a fragment (RFC 8707 section 2). */
export const resourceProblem = (text: string): UrlProblem | undefined => {
  if (!URL.canParse(text) || text.includes("#")) return "invalidResource";
  return hasStrangeCharacters(text) ? "strangeUrl" : undefined;
};

/** A redirect to this machine, as an identity provider has it registered. */
export const redirectProblem = (text: string): UrlProblem | undefined =>
  parseLoopbackRedirect(text) === undefined ? "invalidRedirect" : undefined;
