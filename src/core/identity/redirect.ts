import { isLoopback } from "../urls.ts";

/** A redirect to this machine as it is registered at the identity provider (RFC 8252, section 7.3). */
export interface LoopbackRedirect {
  /** As it is written: providers compare it to the letter. */
  readonly text: string;
  /** `localhost` (both address families), an address of 127.0.0.0/8, or `::1`. */
  readonly host: string;
  /** Absent: any free port, for providers that let a native client choose it. */
  readonly port?: number;
  readonly path: string;
}

export const defaultRedirect = "http://127.0.0.1/callback";

const parts = /^(http:\/\/)([^/?#:[\]]+|\[[^\]]+\])(?::(\d{1,5}))?([/?][^#]*)?$/i;

/** @returns undefined for anything but a plain http URL of this machine, without user name and fragment. */
export const parseLoopbackRedirect = (text: string): LoopbackRedirect | undefined => {
  const url = URL.parse(text);
  const found = parts.exec(text);
  if (url === null || found === null || !isLoopback(url) || url.username !== "") return undefined;
  const port = found[3];
  if (port !== undefined && Number(port) === 0) return undefined;
  return {
    text,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    ...(port === undefined ? {} : { port: Number(port) }),
    path: url.pathname,
  };
};

/** The redirect as it is sent: with the port that was found where the registered one leaves it open. */
export const redirectAt = ({ text, port }: LoopbackRedirect, open: number): string =>
  port === undefined
    ? text.replace(
        parts,
        (_all, scheme: string, host: string, _port: unknown, rest = "") => `${scheme}${host}:${open}${rest}`,
      )
    : text;
