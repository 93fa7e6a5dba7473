import { json, type PageReply } from "../../http/reply.ts";
import { RequestError } from "../../http/request.ts";
import type { VaultRequest, VaultFrontend } from "../frontend.ts";
import type { Events } from "../events.ts";
import { unauthorized, userToken } from "./bearer.ts";

/**
 * `GET /events?wait=SECONDS&after=CURSOR`: what has happened to this user since the cursor of the last
 * reply, without one since now. Waits for the first event at most 30 seconds.
 */
export const answerEvents = async (
  frontend: VaultFrontend,
  events: Events,
  query: URLSearchParams,
  sender: VaultRequest,
): Promise<PageReply> => {
  const token = userToken(sender.headers);
  if (token === undefined) return unauthorized("Send the user's token in the Authorization header.");
  const subject = await frontend.identify(token, sender);
  if (typeof subject === "string") return unauthorized(subject);
  const waitSeconds = Math.min(wholeNumber(query, "wait") ?? 0, 30);
  const after = wholeNumber(query, "after") ?? events.cursor;
  return json(200, await events.after(subject.user, after, waitSeconds * 1000, sender.signal));
};

const wholeNumber = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new RequestError(400, `${name} must be a whole number.`);
  return Number(text);
};
