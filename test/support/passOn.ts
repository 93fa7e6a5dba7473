import {
  request as send,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";

/**
 * Sends what a door has let in on to the server behind it, and the answer back.
 *
 * @param headers - as the server is to get them, but for its own name.
 * @param told - headers that the door adds to the answer.
 */
export const passOn = (
  upstream: string,
  { method, url }: Pick<IncomingMessage, "method" | "url">,
  headers: OutgoingHttpHeaders,
  body: Buffer,
  response: ServerResponse,
  told: OutgoingHttpHeaders = {},
): void => {
  const { host, hostname, port } = new URL(upstream);
  const onward = send({ hostname, port, method, path: url, headers: { ...headers, host } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...told });
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  onward.end(body);
};
