import { createHash } from "node:crypto";
import { sleep } from "../../core/abort.ts";
import { inBackground } from "../../core/background.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import { connectorKey } from "../../core/connectors/board/board.ts";
import { demandIn } from "../../core/connectors/pipeline/demands.ts";
import { lastAnswer } from "../../core/connectors/board/status.ts";
import { noHistory, connectorFacts, type History } from "../../core/history/history.ts";
import { GrantReuse, type KeptGrant } from "../../core/connectors/grantReuse.ts";
import { toolRulesOf } from "../../core/mcp/toolRules.ts";
import { exitCodes } from "./exitCodes.ts";
import { lastLook, type CredentialProvider, type HeadersApi, type HeadersParts } from "./headersApi.ts";
import type {
  AuthorizeReply,
  AuthorizeRequest,
  HeadersReply,
  HeadersRequest,
  RefusedReply,
  Standing,
  StandingReply,
  StandingRequest,
} from "./protocol.ts";
import {
  because,
  refusedByName,
  refusedByPlace,
  refusedByStanding,
  refusedReply,
  refusedUnfinished,
  type Refused,
} from "./refusals.ts";
import type { Unfinished } from "../server/route.ts";

export interface BridgeParts extends HeadersParts {
  readonly pipeline: CredentialProvider;
  readonly history?: History;
  /** The program behind a process id, where the system tells. */
  readonly programOf?: (pid: number) => Promise<string | undefined>;
  /** The proxy by which this window would reach a URL; absent, it knows of none. */
  readonly proxyFor?: (url: string) => string | undefined;
}

/** A change is told this long before the one who waits for it would be told that there was none. */
const lastWordMs = 150;

/**
 * Authorizes each request of a bridge, by the same door as `lanyard headers`. Where the request goes is the approved
 * entry's word alone: the one who asks has but the entry's name.
 */
export class BridgeApi {
  readonly #parts: BridgeParts;
  readonly #headers: HeadersApi;
  readonly #reuse: GrantReuse;

  constructor(parts: BridgeParts, headers: HeadersApi) {
    this.#parts = parts;
    this.#headers = headers;
    this.#reuse = new GrantReuse(parts);
  }

  /** Rejects when the signal fires. */
  async authorize(request: AuthorizeRequest, leftMs: number, signal: AbortSignal): Promise<AuthorizeReply> {
    const entry = await this.#entry(request);
    if (!("connector" in entry)) return entry;
    const { connector } = entry;
    if (request.refused) this.#reuse.forget(connector);
    const demand = request.challenge === "" ? undefined : demandIn(request.challenge);
    if (demand !== undefined) this.#parts.pipeline.demand(connector.id, demand);
    const known = this.#reuse.take(entry);
    if (known !== undefined) return this.#authorized(request, entry, known);
    const asked: HeadersRequest = { ...request, asker: "person", url: connector.url, script: false };
    const present = await this.#headers.find(asked);
    if (!("connector" in present)) return refusalOf(present);
    const options = { unasked: request.unasked };
    const reply = await this.#headers.grant(present, asked, leftMs, signal, options);
    if (reply.kind !== "given") return refusalOf(reply);
    const granted = { ...reply.grant, traceId: reply.traceId };
    const authorized = await this.#authorized(request, entry, granted);
    if (authorized.kind === "authorized") {
      this.#reuse.keep(connector, granted);
      await this.#noteHandOut(entry, request.pid, granted);
    }
    return authorized;
  }

  async #authorized(
    { server, cwd, method, bodyHash, serverTimeMs, nonce }: AuthorizeRequest,
    { connector }: BoardEntry,
    { headers, sign, traceId }: KeptGrant,
  ): Promise<AuthorizeReply> {
    const { url } = connector;
    const tools = toolRulesOf(connector);
    const proxy = this.#parts.proxyFor?.(url);
    const told = {
      ...(serverTimeMs === undefined ? {} : { serverTimeMs }),
      ...(nonce === undefined ? {} : { nonce }),
    };
    const carried = (await sign?.({ method, url, bodyHash, ...told })) ?? headers;
    const looked = lastLook(carried, this.#parts.t);
    if ("sentence" in looked) return this.#refuse({ server, cwd }, { ...looked, traceId });
    return {
      ...{ kind: "authorized", exitCode: exitCodes.ok, text: "authorized", url, traceId },
      headers: looked.headers,
      ...(tools.length === 0 ? {} : { tools }),
      ...(sign === undefined ? {} : { signed: true }),
      ...(proxy === undefined ? {} : { proxy }),
    };
  }

  /** Waits, as long as the asker does, for the connector to stand otherwise than they know. */
  async standing(request: StandingRequest, leftMs: number, signal: AbortSignal): Promise<StandingReply> {
    const end = new AbortController();
    try {
      return await this.#standing(request, leftMs, AbortSignal.any([signal, end.signal]));
    } finally {
      end.abort();
    }
  }

  async #standing(request: StandingRequest, leftMs: number, signal: AbortSignal): Promise<StandingReply> {
    const { board, clock } = this.#parts;
    const endMs = clock.now() + Math.max(0, leftMs - lastWordMs);
    for (;;) {
      // Listened for before it is looked at: what changes meanwhile is heard.
      const change = new AbortController();
      const listening = board.onDidChange(() => change.abort());
      try {
        const entry = await this.#entry(request);
        const stands = "connector" in entry ? standingOf(entry) : gone;
        const reply: StandingReply = {
          ...{ kind: "standing", exitCode: exitCodes.ok, text: stands.standing, ...stands },
          known: `${stands.standing} ${stands.entry}`,
        };
        const leftNowMs = endMs - clock.now();
        if (reply.known !== request.known || leftNowMs <= 0 || signal.aborted) return reply;
        const either = AbortSignal.any([change.signal, signal]);
        if (request.follow && "connector" in entry) this.#follow(entry, signal);
        await sleep(clock, leftNowMs, either).catch(() => undefined);
      } finally {
        listening.dispose();
      }
    }
  }

  /** What comes of it, the board tells. */
  #follow({ connector }: BoardEntry, signal: AbortSignal): void {
    const work = (): Promise<unknown> => this.#parts.pipeline.follow(connector.id, signal);
    inBackground("bridge.follow", () =>
      work().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      }),
    );
  }

  unfinished(request: Asked, why: Unfinished): RefusedReply {
    return this.#refuse(request, refusedUnfinished(why, this.#parts.t));
  }

  async #entry(request: Asked): Promise<BoardEntry | RefusedReply> {
    const { board, t, clock } = this.#parts;
    const { server, cwd } = request;
    const found = board.find({ server, cwd });
    const nowMs = clock.now();
    if (found.kind !== "found") return this.#refuse(request, refusedByName(found, "", t, nowMs));
    const { entry } = found;
    const refused =
      (await refusedByPlace(entry, cwd, t)) ??
      refusedByStanding(entry.status, t, nowMs) ??
      (entry.connector.transport === "http"
        ? undefined
        : because(
            "misconfigured",
            t(
              'The connector speaks {0}, which the bridge does not. Write its Streamable HTTP address and "type": "http", or use it in Claude Code with headersHelper',
              entry.connector.transport,
            ),
          ));
    return refused === undefined ? entry : this.#refuse(request, refused);
  }

  #refuse({ server }: Asked, refused: Refused): RefusedReply {
    return refusedReply(refused, { asker: "person", json: false, server }, this.#parts.t);
  }

  async #noteHandOut({ connector }: BoardEntry, pid: number, granted: KeptGrant): Promise<void> {
    const { history = noHistory, programOf } = this.#parts;
    const program = pid === 0 ? undefined : await programOf?.(pid);
    const { expiresAtMs, traceId } = granted;
    const facts = { ...connectorFacts(connector), asker: "bridge", program, traceId };
    history.note({ kind: "handOut", ...facts, expiresAtMs });
  }
}

type Asked = Pick<AuthorizeRequest, "server" | "cwd">;

/** No bridge runs a team's script, so no reply tells it to. */
const refusalOf = (reply: HeadersReply): RefusedReply => {
  if (reply.kind === "refused") return reply;
  throw new Error("A bridge was told to run a script.");
};

interface Stands {
  readonly standing: Standing;
  readonly entry: string;
}

const gone: Stands = { standing: "ended", entry: "" };

const standingOf = ({ connector, status }: BoardEntry): Stands => {
  const entry = createHash("sha256").update(connectorKey(connector)).digest("hex").slice(0, 16);
  const answer = lastAnswer(status);
  if (answer === undefined) return { standing: "open", entry };
  return { standing: answer.kind === "granted" ? "granted" : "ended", entry };
};
