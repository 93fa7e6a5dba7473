import { LanyardError } from "./errors.ts";
import { plainText } from "./text.ts";

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether a URL stays on this machine: `localhost`, `127.0.0.0/8` or `::1` (RFC 8252, section 7.3). */
export const isLoopback = (url: URL): boolean => loopbackHost.test(url.hostname);

/** Whether a URL may carry a credential: https, or plain http that stays on this machine. */
export const isSecureUrl = (url: URL): boolean =>
  url.username === "" &&
  url.password === "" &&
  (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url)));

/**
 * Parses a URL that a token or a person is about to be sent to.
 * @throws LanyardError `insecureUrl` when it is no URL, not https (loopback http excepted), or holds a password.
 */
export const assertSecureUrl = (url: string | URL): URL => {
  const parsed = URL.parse(String(url));
  if (parsed === null) {
    throw new LanyardError("insecureUrl", `"${plainText(String(url), 100)}" is not a URL.`);
  }
  if (isSecureUrl(parsed)) return parsed;
  const place = plainText(`${parsed.protocol}//${parsed.host}`, 100);
  throw new LanyardError(
    "insecureUrl",
    `${place} is refused: only https URLs without a user name are used, and http on this machine.`,
  );
};

/** The host of a URL, for people to read; text that is no URL comes back as it is, made plain. */
export const hostOf = (url: string): string => plainText(URL.parse(url)?.host ?? url, 100);

/**
 * A whole URL with its host in ASCII (punycode) and everything else as it is sent. A slash that only the parser adds is
 * left out: an issuer is compared to the letter.
 */
export const asciiUrl = (url: string): string => {
  const href = URL.parse(url)?.href;
  return href === undefined || href === `${url}/` ? url : href;
};

/** A whole URL for people to read: nothing in it looks like what it is not. */
export const shownUrl = (url: string, maxLength = 300): string => plainText(asciiUrl(url), maxLength);
