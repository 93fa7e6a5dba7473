import { noHistory, type CallOutcome, type History } from "../core/history/history.ts";
import { startTrace } from "../core/trace.ts";
import { hostOf } from "../core/urls.ts";
import { isAskedFor } from "./client.ts";
import type { Exchange } from "./exchange.ts";
import type { AnsweredHttp, Failure } from "./refusal/verdict.ts";
import { fieldsOf } from "./wire/json.ts";
import { paramOf, type RpcMessage } from "./wire/message.ts";

export interface RecordParts {
  readonly server: string;
  readonly history?: History;
}

/**
 * The exchange, each of whose messages carries a trace as a header too: the one that the client gave it in `_meta`
 * (SEP-414), else one of its own. What somebody wants of the connector leaves a line in the history, without arguments.
 */
export const recorded =
  (exchange: Exchange, { server, history = noHistory }: RecordParts): Exchange =>
  async (ask) => {
    const { message } = ask;
    if (message === undefined) return exchange(ask);
    const trace = traceOf(message);
    const answered = await exchange({
      ...ask,
      headersFor: (url) => ({ ...ask.headersFor(url), ...trace }),
    });
    if (ask.isAsked && message.kind === "request" && isAskedFor(message)) {
      const { method, tool } = calledIn(message);
      history.note({
        ...{ kind: "call", connector: server, method, tool, ...endOf(answered) },
        traceId: trace.traceparent.slice(3, 35),
      });
    }
    return answered;
  };

interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** W3C Trace Context, version 00. A client's that makes no sense is not passed on as a header. */
const traceOf = (message: RpcMessage): TraceHeaders => {
  const { traceparent, tracestate } = fieldsOf(paramOf(message, "_meta"));
  const isSound =
    typeof traceparent === "string" &&
    /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent);
  if (!isSound) return { traceparent: startTrace().traceparent() };
  const hasState = typeof tracestate === "string" && /^[\x21-\x7e][\x20-\x7e]{0,511}$/.test(tracestate);
  return { traceparent, ...(hasState ? { tracestate: tracestate.trim() } : {}) };
};

/** What is asked for, and of which tool: its name alone. */
const calledIn = (message: RpcMessage): { readonly method?: string; readonly tool?: string } => {
  const { method } = message;
  const name = method === "tools/call" ? paramOf(message, "name") : undefined;
  return {
    ...(method === undefined ? {} : { method }),
    ...(typeof name === "string" ? { tool: name.slice(0, 128) } : {}),
  };
};

interface End {
  readonly outcome: CallOutcome;
  readonly status?: string;
  readonly host?: string;
  readonly policy?: string;
}

const endOf = (answered: AnsweredHttp | Failure): End => {
  if (answered.kind === "answered") {
    const { status, url } = answered;
    return { outcome: status < 400 ? "answered" : "error", status: String(status), host: hostOf(url) };
  }
  const { status, refusal } = answered;
  const policy = refusal?.forbiddenBy;
  if (policy !== undefined) return { outcome: "forbidden", policy };
  if (refusal !== undefined) return { outcome: "refused" };
  return status === undefined ? { outcome: "failed" } : { outcome: "error", status: String(status) };
};
