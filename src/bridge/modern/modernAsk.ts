import { fieldsOf, parsed } from "../wire/json.ts";
import { paramOf, paramTextOf, resultTo, type RpcMessage } from "../wire/message.ts";
import { isModern } from "./modern.ts";
import { withParams } from "../wire/rewrite.ts";

/** MCP 2026-07-28, "Multi Round-Trip Requests": a client is asked by an answer, and calls again with its person's. */
export type PageAnswer = "accepted" | "refused";

/** MCP 2026-07-28, "Elicitation", "URL Mode". */
interface PageElicitation {
  readonly mode: "url";
  readonly message: string;
  readonly url: string;
}

const key = "lanyard";
const prefix = "lanyard:";

/** The answer that has a client show its person a page. What the request brought for the server comes back with it. */
export const askIn = (message: RpcMessage, why: string, url: string): Buffer => {
  const [state, responses] = [paramTextOf(message, "requestState"), paramTextOf(message, "inputResponses")];
  const kept = Buffer.from(JSON.stringify({ state, responses })).toString("base64url");
  const params: PageElicitation = { mode: "url", message: why, url };
  const result = {
    resultType: "input_required",
    inputRequests: { [key]: { method: "elicitation/create", params } },
    requestState: `${prefix}${kept}`,
  };
  return resultTo(message.id ?? "null", JSON.stringify(result));
};

/** A request that comes again after it was answered so: as the server is to see it, and what the person said. */
export const askedBefore = (
  message: RpcMessage,
): { readonly message: RpcMessage; readonly before?: PageAnswer } => {
  const requestState = isModern(message) ? paramOf(message, "requestState") : undefined;
  if (typeof requestState !== "string" || !requestState.startsWith(prefix)) return { message };
  const kept = fieldsOf(parsed(Buffer.from(requestState.slice(prefix.length), "base64url").toString("utf8")));
  const { action } = fieldsOf(fieldsOf(paramOf(message, "inputResponses"))[key]);
  const text = (value: unknown): string | undefined =>
    typeof value === "string" && parsed(value) !== undefined ? value : undefined;
  return {
    message: withParams(message, {
      requestState: text(kept["state"]),
      inputResponses: text(kept["responses"]),
    }),
    before: action === "accept" ? "accepted" : "refused",
  };
};
