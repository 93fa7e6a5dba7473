import { json, oauthError, type PageReply } from "../../http/reply.ts";
import type { VaultFrontend } from "../frontend.ts";
import { accessTokenType, parseExchange, type ExchangeRequest } from "./exchangeRequest.ts";
import { refusalReply, type StatusOf } from "./oauthBody.ts";

/** Token exchange (RFC 8693): every refusal is a 400, but being down. */
export const answerExchange = async (
  frontend: VaultFrontend,
  nameOf: (resource: string) => string | undefined,
  question: ExchangeRequest,
): Promise<PageReply> => {
  const parsed = parseExchange(question.form, nameOf);
  if (parsed.kind === "malformed") return oauthError(400, parsed.error, parsed.reason);
  const answer = await frontend.answer(parsed.token, parsed.target, question);
  if (answer.kind !== "granted") return refusalReply(answer, statusOf);
  return json(200, {
    access_token: answer.credential.secret,
    issued_token_type: accessTokenType,
    token_type: "Bearer",
    expires_in: answer.expiresInSeconds,
  });
};

const statusOf: StatusOf = (refusal) => (refusal.kind === "down" ? 503 : 400);
