import type { WantedConnector } from "../../core/connectors/board/lookup.ts";
import type * as z from "zod";
import {
  authorizeReplySchema,
  headersReplySchema,
  standingReplySchema,
  statusRowsSchema,
  tokenReplySchema,
  type AuthorizeReply,
  type AuthorizeRequest,
  type HeadersReply,
  type HeadersRequest,
  type ScriptResultMessage,
  type StandingReply,
  type StandingRequest,
  type StatusRequest,
  type StatusRow,
  type TokenReply,
  type TokenRequest,
} from "../api/protocol.ts";
import { paths } from "../wire.ts";
import { locate, locateIssuer, type PlacedRow } from "./directory.ts";
import { forward, mostForwards, type Forwardable, type RouteChoice, type Routed } from "./requestRouter.ts";
import type { Windows } from "./windows.ts";

/** How long the other windows may take to say where their connectors stand. */
const statusMs = 1000;

/** What the other windows answer, request by request. */
export class WindowRequests {
  readonly #windows: Windows;

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  headers(request: HeadersRequest, leftMs: number, signal: AbortSignal): Promise<Routed<HeadersReply>> {
    return this.#toConnector(paths.headers, request, headersReplySchema, leftMs, signal);
  }

  authorize(request: AuthorizeRequest, leftMs: number, signal: AbortSignal): Promise<Routed<AuthorizeReply>> {
    return this.#toConnector(paths.authorize, request, authorizeReplySchema, leftMs, signal);
  }

  standing(request: StandingRequest, leftMs: number, signal: AbortSignal): Promise<Routed<StandingReply>> {
    return this.#toConnector(paths.standing, request, standingReplySchema, leftMs, signal);
  }

  token(request: TokenRequest, leftMs: number, signal: AbortSignal): Promise<Routed<TokenReply>> {
    const choose = (rows: readonly PlacedRow[]): RouteChoice<TokenRequest> =>
      request.server === "" ? this.#byIssuer(rows, request) : byConnector(rows, request, this.#windows.id);
    const routed = { path: paths.token, request, reply: tokenReplySchema, choose };
    return this.#windows.route(routed, leftMs, signal);
  }

  /** A ticket begins with the name of the window that gave it. */
  scriptResult(
    ticket: string,
    request: ScriptResultMessage,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Routed<HeadersReply>> {
    const window = ticket.slice(0, 8);
    const choose = (): RouteChoice<ScriptResultMessage> =>
      window === this.#windows.id || this.#windows.recordOf(window) !== undefined
        ? { kind: "window", window, isSure: true, request }
        : { kind: "unknown" };
    if (window === this.#windows.id) return Promise.resolve({ kind: "here" });
    const routed = { path: `${paths.scriptResults}${ticket}`, request, reply: headersReplySchema, choose };
    return this.#windows.route(routed, leftMs, signal);
  }

  /** The rows of the windows that answer in time. */
  async status(request: StatusRequest, leftMs: number, signal: AbortSignal): Promise<readonly StatusRow[]> {
    if (request.passedOn >= mostForwards) return [];
    const asked = { ...request, passedOn: mostForwards - 1 };
    const all = await Promise.all(
      this.#windows.others.map((record) =>
        forward(record, paths.status, asked, statusRowsSchema, Math.min(statusMs, leftMs / 2), signal),
      ),
    );
    return all.flatMap((passed) => (passed.kind === "reply" ? passed.reply.connectors : []));
  }

  #toConnector<R>(
    path: string,
    request: Forwardable & WantedConnector,
    reply: z.ZodType<R>,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Routed<R>> {
    const choose = (rows: readonly PlacedRow[]): RouteChoice<typeof request> =>
      byConnector(rows, request, this.#windows.id);
    return this.#windows.route({ path, request, reply, choose }, leftMs, signal);
  }

  #byIssuer(rows: readonly PlacedRow[], request: TokenRequest): RouteChoice<TokenRequest> {
    const located = locateIssuer(rows, request.issuer, this.#windows.id);
    if (located.kind === "ambiguous") return { kind: "ambiguous", count: 2 };
    if (located.kind === "unknown") return located;
    const { window, issuer } = located;
    return { kind: "window", window, isSure: request.issuer !== "", request: { ...request, issuer } };
  }
}

const byConnector = <P extends WantedConnector>(
  rows: readonly PlacedRow[],
  request: P,
  own: string,
): RouteChoice<P> => {
  const located = locate(rows, request, own);
  return located.kind === "window" ? { ...located, request } : located;
};
