import { json, type PageReply } from "../../http/reply.ts";
import type { VaultRequest, VaultFrontend } from "../frontend.ts";
import { unauthorized, userToken } from "./bearer.ts";
import { refusalReply, type StatusOf } from "./oauthBody.ts";

/**
 * A look-up with the user's token: the simplest vault there is.
 * @param member what the reply calls the credential: `credential`, or `api_key`.
 */
export const answerLookup = async (
  frontend: VaultFrontend,
  connector: string,
  member: "credential" | "api_key",
  sender: VaultRequest,
): Promise<PageReply> => {
  const token = userToken(sender.headers);
  if (token === undefined) return unauthorized("Send the user's token in the Authorization header.");
  const answer = await frontend.answer(token, connector, sender);
  if (answer.kind === "dead-token") return unauthorized(answer.reason);
  if (answer.kind !== "granted") return refusalReply(answer, statusOf);
  return json(200, { [member]: answer.credential.secret, expires_in: answer.expiresInSeconds });
};

const statusOf: StatusOf = (refusal) => {
  switch (refusal.kind) {
    case "dead-token":
    case "step-up":
      return 401;
    case "unknown-connector":
      return 404;
    case "down":
      return 503;
    case "needs-connection":
    case "step-up-url":
    case "push":
    case "push-unsent":
    case "expired":
    case "denied":
      return 403;
  }
};
