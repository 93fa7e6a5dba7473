import { parseLoopbackRedirect } from "../../identity/redirect.ts";
import { isLoopback } from "../../urls.ts";

/** What keeps a URL from being used, as the schema reports it (`params.problem` of zod's custom issue). */
export type UrlProblem =
  | "invalidUrl"
  | "insecureUrl"
  | "insecureIssuer"
  | "urlWithUser"
  | "issuerWithQuery"
  | "invalidResource"
  | "invalidRedirect";

/** Whether what is sent to the URL is safe from others on the way: TLS, or it never leaves this machine. */
const isSecure = (url: URL): boolean =>
  url.protocol === "https:" || url.protocol === "wss:" || isLoopback(url);

const isWeb = (url: URL): boolean => /^(?:https?|wss?):$/.test(url.protocol);

/** The URL of an MCP server: https (or wss), or plain on this machine. */
export const serverUrlProblem = (text: string): UrlProblem | undefined => {
  const url = URL.parse(text);
  if (url === null || !isWeb(url)) return "invalidUrl";
  if (url.username !== "" || url.password !== "") return "urlWithUser";
  return isSecure(url) ? undefined : "insecureUrl";
};

/** An issuer identifier: an https URL without query or fragment (RFC 8414 section 2), plain http on this machine only. */
export const issuerProblem = (text: string): UrlProblem | undefined => {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return "invalidUrl";
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
export const resourceProblem = (text: string): UrlProblem | undefined =>
  URL.canParse(text) && !text.includes("#") ? undefined : "invalidResource";

/** A redirect to this machine, as an identity provider has it registered. */
export const redirectProblem = (text: string): UrlProblem | undefined =>
  parseLoopbackRedirect(text) === undefined ? "invalidRedirect" : undefined;
