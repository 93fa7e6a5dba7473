/** Statuses by which a server of MCP's older transport (HTTP+SSE, 2024-11-05) refuses a POST to its stream's address. */
export const mayBeOldTransport = (status: number | undefined): boolean =>
  status === 400 || status === 404 || status === 405;

/** Whether an answer to GET is the stream of that transport, which begins with where to post to. */
export const isOldStream = (contentType: string | null | undefined, start: string): boolean =>
  /^\s*text\/event-stream\s*(?:;|$)/i.test(contentType ?? "") && /^event:[ ]?endpoint\r?$/m.test(start);
