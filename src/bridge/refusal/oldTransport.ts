import { isOldStream } from "../../core/mcp/oldTransport.ts";
import type { Exchange } from "../exchange.ts";
import { accepts } from "../link.ts";
import { forwardFailure, type Failure } from "./verdict.ts";

const lookMs = 5_000;
const mostBytes = 16_384;

/** Looks whether what refuses to begin has the stream of MCP's older transport. @returns that, as why it cannot be used. */
export const oldTransport = async (exchange: Exchange, failure: Failure): Promise<Failure> => {
  const signal = AbortSignal.timeout(lookMs);
  const answered = await exchange({ method: "GET", isAsked: false, signal, headersFor: () => accepts });
  if (answered.kind === "failed") return failure;
  const { response } = answered;
  let start = "";
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      start += chunk.toString("latin1");
      if (start.includes("\n\n") || start.includes("\r\n\r\n") || start.length > mostBytes) break;
    }
  } catch {
    // What came is looked at.
  } finally {
    response.destroy();
  }
  if (!isOldStream(response.headers["content-type"], start)) return failure;
  const told =
    "The connector speaks only the older transport of MCP (SSE), which the bridge does not. Whoever runs it has to give it a Streamable HTTP address, which then goes into .mcp.json; until then Claude Code reaches it with headersHelper.";
  return forwardFailure(told, failure.status === undefined ? {} : { status: failure.status });
};
