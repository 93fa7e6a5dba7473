import type { OnMessage } from "../wire/deliver.ts";
import type { Failure } from "../refusal/verdict.ts";
import { fieldsOf, parsed } from "../wire/json.ts";
import { errorCodes, ownMessage, paramOf, type RpcMessage } from "../wire/message.ts";
import { acknowledged, listKinds, metaNames } from "./modern.ts";

export interface SubscriptionParts {
  readonly send: (onMessage: OnMessage) => Promise<Failure | undefined>;
  readonly onMessage: OnMessage;
  /** Waits until the connector may be asked anew. @returns false once the signal fires. */
  readonly granted: (signal: AbortSignal) => Promise<boolean>;
  /** Writes one line to the client. */
  readonly write: (line: Buffer) => Promise<void>;
}

/**
 * `subscriptions/listen` of MCP 2026-07-28: it outlasts that there is no right to the connector, and then says that all
 * may have changed. @returns why it is over, where it broke off.
 */
export const subscribe = async (
  request: RpcMessage,
  { send, onMessage, granted, write }: SubscriptionParts,
  signal: AbortSignal,
): Promise<Failure | undefined> => {
  const seen = { acknowledged: false };
  const hear: OnMessage = async (each) => {
    const isAgain = each.method === acknowledged && seen.acknowledged;
    seen.acknowledged ||= each.method === acknowledged;
    if (!isAgain) await onMessage(each);
  };
  const tell = (method: string, more: object = {}): Promise<void> => {
    const _meta = { [metaNames.subscription]: parsed(request.id ?? "null") };
    return write(ownMessage({ method, params: { ...more, _meta } }).bytes);
  };
  const notifications = fieldsOf(paramOf(request, "notifications"));
  for (;;) {
    const failure = await send(hear);
    if (failure?.code !== errorCodes.refused || signal.aborted) return failure;
    if (!seen.acknowledged) await tell(acknowledged, { notifications });
    seen.acknowledged = true;
    if (!(await granted(signal))) return failure;
    for (const kind of listKinds)
      if (notifications[`${kind}ListChanged`] === true) await tell(`notifications/${kind}/list_changed`);
  }
};
