import { plainText } from "../../text.ts";

/** A reply for people's eyes: a firewall's, a load balancer's, a network's sign-in. */
export interface Page {
  /** What the `Server` field calls whoever sent it; empty where it names nobody. */
  readonly server: string;
}

/** An answer in JSON is the vault's own, whatever it is called; but some firewalls have one that says whose it is. */
export const pageIn = (headers: Headers, text: string, body: unknown): Page | undefined => {
  if (body === undefined ? text.trim() === "" : !isOfFirewall(body)) return undefined;
  return { server: plainText(headers.get("server") ?? "", 40) };
};

/** Cloudflare's pages, to those who ask for JSON. */
const isOfFirewall = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "cloudflare_error" in body && body.cloudflare_error === true;

/**
 * Whether a page with this status blames nobody: a 401 asks for credentials even as a page, a 404 and a success are no
 * such thing, and outages tell themselves.
 */
export const isBlockPage = (status: number): boolean =>
  [400, 403, 405, 406, 407, 409, 444, 451, 511].includes(status);
