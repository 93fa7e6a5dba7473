import { realpath } from "node:fs/promises";
import type { Board } from "../core/connectors/board/board.ts";
import type { Finding } from "../core/doctor/finding.ts";
import { findingsText } from "../core/doctor/report.ts";
import type { IdentityService } from "../core/identity/session.ts";
import type { Clock } from "../core/ports.ts";
import type { History } from "../core/history/history.ts";
import type { Translate } from "../core/text.ts";
import { hostOf } from "../core/urls.ts";
import { BridgeApi } from "./api/bridgeApi.ts";
import { HeadersApi, type CredentialProvider } from "./api/headersApi.ts";
import { exitCodes } from "./api/exitCodes.ts";
import type { Locks } from "./endpoint/locks.ts";
import {
  authorizeRequestSchema,
  doctorRequestSchema,
  headersRequestSchema,
  lockRequestSchema,
  scriptResultSchema,
  standingRequestSchema,
  statusRequestSchema,
  tokenRequestSchema,
  type DoctorRequest,
  type HeadersReply,
  type HeadersRequest,
  type LockRequest,
} from "./api/protocol.ts";
import { because, refusedAmbiguous, refusedReply, refusedUnfinished, type Refused } from "./api/refusals.ts";
import { route, type Route, type Router } from "./server/route.ts";
import { ScriptRuns } from "./api/scriptRuns.ts";
import { StatusApi } from "./api/statusApi.ts";
import { TokenApi, type Consent } from "./api/tokenApi.ts";
import type { WindowRequests } from "./windows/windowRequests.ts";
import { paths } from "./wire.ts";

export interface AgentParts {
  readonly board: Board;
  readonly pipeline: CredentialProvider;
  readonly sessions: Pick<IdentityService, "fresh" | "list">;
  readonly clock: Clock;
  readonly t: Translate;
  /** Whether a program may have the person's own token. */
  readonly consent: Consent;
  /** Takes what leaves Lanyard; absent, nothing is kept. */
  readonly history?: History;
  /** The program behind a process id, where the system tells. */
  readonly programOf?: (pid: number) => Promise<string | undefined>;
  /** The proxy by which this window would reach a URL; absent, it knows of none. */
  readonly proxyFor?: (url: string) => string | undefined;
  /** Looks at what only this window can see; absent, it looks at nothing. */
  readonly examine?: (signal: AbortSignal) => Promise<readonly Finding[]>;
  /** The other windows, and what this one alone does at a time; absent, there is no other. */
  readonly among?: Among;
}

export interface Among {
  readonly windowId: string;
  readonly elsewhere: WindowRequests;
  readonly locks: Locks;
  /** This window's secret storage does not work. */
  readonly isIll: () => boolean;
}

/** What the agent answers, path by path, out of core. It knows nothing of sockets and keys. */
export const agentRouter = (parts: AgentParts): Router => {
  const headers = new HeadersApi(parts);
  const { among } = parts;
  const scripts = new ScriptRuns(headers, parts.clock, among?.windowId);
  const bridge = new BridgeApi(parts, headers);
  const token = new TokenApi(parts);
  const status = new StatusApi(parts);
  const routes: Readonly<Record<string, Route>> = {
    [paths.headers]: headersRoute(headers, scripts, parts),
    ...bridgeRoutes(bridge, parts),
    [paths.token]: route(tokenRequestSchema, {
      run: async (asked, leftMs, signal) => {
        const request = await placed(asked);
        const way = await among?.elsewhere.token(request, leftMs, signal);
        if (way?.kind === "reply") return way.reply;
        return way?.kind === "ambiguous"
          ? token.ambiguous(request, way.count)
          : token.answer(request, leftMs, signal);
      },
      unfinished: (request, why) => token.unfinished(request, why),
    }),
    [paths.status]: route(statusRequestSchema, {
      run: async (request, leftMs, signal) =>
        status.answer(request, await among?.elsewhere.status(request, leftMs, signal)),
      unfinished: (request, why) => status.unfinished(request, why),
    }),
    [paths.doctor]: doctorRoute(parts),
    [paths.locks]: lockRoute(parts),
  };
  return (path) =>
    path.startsWith(paths.scriptResults)
      ? scriptResultRoute(scripts, path.slice(paths.scriptResults.length), parts)
      : Object.hasOwn(routes, path)
        ? routes[path]
        : undefined;
};

/** What a helper asks: answered by the window that has the connector. */
const headersRoute = (headers: HeadersApi, scripts: ScriptRuns, parts: AgentParts): Route => {
  const { among, t } = parts;
  return route(headersRequestSchema, {
    run: async (asked, leftMs, signal) => {
      const request = await placed(asked);
      const way = await among?.elsewhere.headers(request, leftMs, signal);
      if (way?.kind === "reply") return way.reply;
      if (way?.kind === "departed") return headers.unfinished(request, "closing");
      if (way?.kind === "ambiguous") return headers.refuse(request, refusedAmbiguous(way.count, t));
      const endMs = performance.now() + leftMs;
      const reply = await answerHeaders(headers, scripts, request, leftMs, signal);
      const better = await healthier(among, reply, request, endMs - performance.now(), signal);
      if (better !== undefined) return better;
      await noteHandOut(parts, request, reply);
      return reply;
    },
    unfinished: (request, why) => headers.unfinished(request, why),
  });
};

/** What another window answers, where this one had to refuse and has found out by it that its storage does not work. */
const healthier = async (
  among: Among | undefined,
  reply: HeadersReply,
  request: HeadersRequest,
  leftMs: number,
  signal: AbortSignal,
): Promise<HeadersReply | undefined> => {
  if (among?.isIll() !== true || reply.kind !== "refused" || leftMs < leastLeftMs) return undefined;
  const way = await among.elsewhere.headers(request, leftMs, signal);
  return way.kind === "reply" ? way.reply : undefined;
};

/** What another window needs to answer at all. */
const leastLeftMs = 500;

/** What a bridge asks: before each of its requests, and all the time whether it may go on. */
const bridgeRoutes = (bridge: BridgeApi, { among }: AgentParts): Readonly<Record<string, Route>> => ({
  [paths.authorize]: route(authorizeRequestSchema, {
    run: async (asked, leftMs, signal) => {
      const request = await placed(asked);
      const way = await among?.elsewhere.authorize(request, leftMs, signal);
      if (way?.kind === "reply") return way.reply;
      if (way?.kind === "departed") return bridge.unfinished(request, "closing");
      return bridge.authorize(request, leftMs, signal);
    },
    unfinished: (request, why) => bridge.unfinished(request, why),
  }),
  [paths.standing]: route(
    standingRequestSchema,
    {
      run: async (asked, leftMs, signal) => {
        const request = await placed(asked);
        const way = await among?.elsewhere.standing(request, leftMs, signal);
        if (way?.kind === "reply") return way.reply;
        if (way?.kind === "departed") return bridge.unfinished(request, "closing");
        return bridge.standing(request, leftMs, signal);
      },
      unfinished: (request, why) => bridge.unfinished(request, why),
    },
    { isHeld: true },
  ),
});

/** What leaves with a helper: a connector's credential, or the person's token for the team's script. */
const noteHandOut = async (
  { history, programOf }: AgentParts,
  { server, url, pid }: HeadersRequest,
  reply: HeadersReply,
): Promise<void> => {
  if (history === undefined || reply.kind === "refused") return;
  const program = pid === 0 ? undefined : await programOf?.(pid);
  const facts = { asker: "helper", connector: server, host: hostOf(url), program };
  if (reply.kind === "start") history.note({ kind: "token", ...facts, issuer: hostOf(reply.issuer) });
  else {
    const { expiresAtMs, traceId } = reply;
    history.note({ kind: "handOut", ...facts, expiresAtMs, traceId });
  }
};

/** A shell names its folder by the links that led there, Claude Code by the folder itself. */
const placed = async <T extends { readonly cwd: string }>(request: T): Promise<T> => ({
  ...request,
  cwd: request.cwd === "" ? "" : await realpath(request.cwd).catch(() => request.cwd),
});

const answerHeaders = async (
  headers: HeadersApi,
  scripts: ScriptRuns,
  request: HeadersRequest,
  leftMs: number,
  signal: AbortSignal,
): Promise<HeadersReply> => {
  const entry = await headers.findForHelper(request);
  if (!("connector" in entry)) return entry;
  return request.script
    ? scripts.start(entry, request, leftMs)
    : headers.answer(entry, request, leftMs, signal);
};

/** The helper that posts a result knows who asked; the ticket's own answer speaks to them, and this refusal to nobody. */
const scriptResultRoute = (scripts: ScriptRuns, ticket: string, { t, among }: AgentParts): Route => {
  const refuse = (refused: Refused): HeadersReply =>
    refusedReply(refused, { asker: "person", json: false, server: "" }, t);
  return route(scriptResultSchema, {
    run: async (result, leftMs, signal) => {
      const way = await among?.elsewhere.scriptResult(ticket, result, leftMs, signal);
      if (way?.kind === "reply") return way.reply;
      return (
        (await scripts.post(ticket, result)) ??
        refuse(because("unavailable", t("The script took too long and its result is not awaited any more")))
      );
    },
    unfinished: (_result, why) => refuse(refusedUnfinished(why, t)),
  });
};

const doctorRoute = ({ examine, t }: AgentParts): Route =>
  route<DoctorRequest>(doctorRequestSchema, {
    run: async (_request, _leftMs, signal) => {
      const findings = (await examine?.(signal)) ?? [];
      return { kind: "doctor", exitCode: exitCodes.ok, text: findingsText(findings), findings };
    },
    unfinished: (_request, why) =>
      refusedReply(refusedUnfinished(why, t), { asker: "person", json: false, server: "" }, t),
  });

/** What a window asks that wants to do what this one does. Only the exit code says anything. */
const lockRoute = ({ among, t }: AgentParts): Route =>
  route<LockRequest>(lockRequestSchema, {
    run: async ({ lock }, _leftMs, signal) => {
      await among?.locks.released(lock, signal);
      return { kind: "released", exitCode: exitCodes.ok, text: "released" };
    },
    unfinished: (_request, why) =>
      refusedReply(refusedUnfinished(why, t), { asker: "person", json: false, server: "" }, t),
  });
