import { json, type Reply } from "../../http/reply.ts";
import { RequestError } from "../../http/request.ts";
import type { Asking, Desk } from "../desk.ts";
import type { Events } from "../events.ts";
import { unauthorized, userToken } from "./bearer.ts";

/**
 * `GET /events?wait=SECONDS&after=CURSOR`: what has happened to this user since the cursor of the last
 * reply, without one since now. Waits for the first event at most 30 seconds.
 */
export const answerEvents = async (
  desk: Desk,
  events: Events,
  query: URLSearchParams,
  asking: Asking,
): Promise<Reply> => {
  const token = userToken(asking.headers);
  if (token === undefined) return unauthorized("Send the user's token in the Authorization header.");
  const subject = await desk.identify(token, asking);
  if (typeof subject === "string") return unauthorized(subject);
  const waitSeconds = Math.min(wholeNumber(query, "wait") ?? 0, 30);
  const after = wholeNumber(query, "after") ?? events.cursor;
  return json(200, await events.after(subject.user, after, waitSeconds * 1000, asking.signal));
};

const wholeNumber = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new RequestError(400, `${name} must be a whole number.`);
  return Number(text);
};
