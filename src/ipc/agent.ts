import type { Board } from "../core/connectors/board.ts";
import type { IdentityService } from "../core/identity/session.ts";
import type { Clock } from "../core/ports.ts";
import type { Translate } from "../core/text.ts";
import { HeadersApi, type Asking } from "./headersApi.ts";
import {
  headersRequestSchema,
  scriptResultSchema,
  statusRequestSchema,
  tokenRequestSchema,
  type HeadersReply,
  type HeadersRequest,
} from "./protocol.ts";
import { because, refusedReply, refusedUnfinished, type Refused } from "./refusals.ts";
import { route, type Route, type Router } from "./route.ts";
import { ScriptRuns } from "./scriptRuns.ts";
import { StatusApi } from "./statusApi.ts";
import { TokenApi } from "./tokenApi.ts";
import { paths } from "./wire.ts";

export interface AgentParts {
  readonly board: Board;
  readonly pipeline: Asking;
  readonly sessions: Pick<IdentityService, "fresh" | "list">;
  readonly clock: Clock;
  readonly t: Translate;
}

/** What the agent answers, path by path, out of core. It knows nothing of sockets and keys. */
export const agentRouter = (parts: AgentParts): Router => {
  const headers = new HeadersApi(parts);
  const scripts = new ScriptRuns(headers, parts.clock);
  const token = new TokenApi(parts);
  const status = new StatusApi(parts);
  const routes: Readonly<Record<string, Route>> = {
    [paths.headers]: route(headersRequestSchema, {
      run: (request, leftMs, signal) => answerHeaders(headers, scripts, request, leftMs, signal),
      unfinished: (request, why) => headers.unfinished(request, why),
    }),
    [paths.token]: route(tokenRequestSchema, {
      run: (request, _leftMs, signal) => token.answer(request, signal),
      unfinished: (request, why) => token.unfinished(request, why),
    }),
    [paths.status]: route(statusRequestSchema, {
      run: (request) => status.answer(request),
      unfinished: (request, why) => status.unfinished(request, why),
    }),
  };
  return (path) =>
    path.startsWith(paths.scriptResults)
      ? scriptResultRoute(scripts, path.slice(paths.scriptResults.length), parts.t)
      : Object.hasOwn(routes, path)
        ? routes[path]
        : undefined;
};

const answerHeaders = async (
  headers: HeadersApi,
  scripts: ScriptRuns,
  request: HeadersRequest,
  leftMs: number,
  signal: AbortSignal,
): Promise<HeadersReply> => {
  const entry = headers.find(request);
  if (!("connector" in entry)) return entry;
  return request.script ? scripts.start(entry, request, leftMs) : headers.ask(entry, request, leftMs, signal);
};

/** The helper that posts a result knows who asked; the ticket's own answer speaks to them, and this refusal to nobody. */
const scriptResultRoute = (scripts: ScriptRuns, ticket: string, t: Translate): Route => {
  const refuse = (refused: Refused): HeadersReply =>
    refusedReply(refused, { asker: "person", json: false, server: "" }, t);
  return route(scriptResultSchema, {
    run: async (result) =>
      (await scripts.post(ticket, result)) ??
      refuse(because("unavailable", t("The script took too long and its result is not awaited any more"))),
    unfinished: (_result, why) => refuse(refusedUnfinished(why, t)),
  });
};
