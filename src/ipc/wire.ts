/** What both ends and the launcher's shell share. Without zod: it is part of the helper. */

export const protocolVersion = 1;

/** Behind the socket there is no host; any name does, and this one says who is spoken to. */
export const agentUrl = "http://lanyard";

export const paths = {
  headers: "/v1/headers",
  token: "/v1/token",
  status: "/v1/status",
  /** One HTTP request of a bridge: its URL and headers, or why not. */
  authorize: "/v1/authorize",
  /** Answered when a connector no longer stands as the asker knows. */
  standing: "/v1/standing",
  /** What the window finds when it looks after itself. */
  doctor: "/v1/doctor",
  agent: "/v1/agent",
  /** Upgraded: a window registers, and hears from the leading one. */
  windows: "/v1/windows",
  /** Answered when the window that is asked no longer holds a lock. */
  locks: "/v1/locks",
  /** Followed by the ticket. */
  scriptResults: "/v1/script-results/",
} as const;

/** The protocol of the connections between windows (RFC 9110, section 7.8). */
export const windowsUpgrade = "lanyard-windows";

/** `key=value` lines, each ended by a line feed: a shell writes them without quoting anything. Others send JSON. */
export const fieldsType = "application/vnd.lanyard.fields";

/** The exit code in decimal, a line feed, and the text to print: what a shell can take apart with builtins. */
export const plainReplyType = "text/plain";

export const defaultDeadlineMs = 8000;

/** How long before a helper gives up the agent answers at the latest. */
export const answerMarginMs = 400;

export type Fields = Readonly<Record<string, string>>;

/** @returns undefined when the text is not made of ended lines, or names a key twice. */
export const decodeFields = (text: string): Fields | undefined => {
  const fields = new Map<string, string>();
  let start = 0;
  while (start < text.length) {
    const equals = text.indexOf("=", start);
    const end = text.indexOf("\n", start);
    const key = text.slice(start, equals);
    if (equals <= start || end < equals || fields.has(key)) return undefined;
    fields.set(key, text.slice(equals + 1, end));
    start = end + 1;
  }
  return Object.fromEntries(fields);
};
