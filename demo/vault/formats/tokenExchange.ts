import { json, oauthError, type Reply } from "../../http/reply.ts";
import type { Desk } from "../desk.ts";
import { accessTokenType, parseExchange, type Question } from "./exchangeRequest.ts";
import { refusalReply, type StatusOf } from "./oauthBody.ts";

/** Token exchange (RFC 8693): every refusal is a 400, but being down. */
export const answerExchange = async (
  desk: Desk,
  nameOf: (resource: string) => string | undefined,
  question: Question,
): Promise<Reply> => {
  const parsed = parseExchange(question.form, nameOf);
  if (parsed.kind === "malformed") return oauthError(400, parsed.error, parsed.reason);
  const answer = await desk.answer(parsed.token, parsed.target, question);
  if (answer.kind !== "granted") return refusalReply(answer, statusOf);
  return json(200, {
    access_token: answer.credential.secret,
    issued_token_type: accessTokenType,
    token_type: "Bearer",
    expires_in: answer.expiresInSeconds,
  });
};

const statusOf: StatusOf = (refusal) => (refusal.kind === "down" ? 503 : 400);
