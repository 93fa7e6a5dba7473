import { once } from "node:events";
import { request, type Agent, type IncomingMessage } from "node:http";

/** Posts on a connection that is kept, and reads the answer to its end. @returns its status. */
export const keptPost = async (
  url: string,
  agent: Agent,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> => {
  const length = { "content-length": Buffer.byteLength(body) };
  const sent = request(url, { method: "POST", headers: { ...headers, ...length }, agent });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode ?? 0;
};
