import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import type { Demand } from "../../core/connectors/pipeline/demands.ts";
import type { PipelineAnswer } from "../../core/connectors/pipeline/question.ts";
import type { WaitOptions } from "../../core/connectors/wait/waitRegistry.ts";
import { runsCommand } from "../../core/config/command/scriptArguments.ts";
import { readHeaders } from "../../core/credentials/headers.ts";
import { revealed, type CredentialHeaders, type Granted } from "../../core/credentials/grant.ts";
import { toolRulesOf } from "../../core/mcp/toolRules.ts";
import type { RunScript } from "../../core/credentials/source.ts";
import type { Clock } from "../../core/ports.ts";
import type { Translate } from "../../core/text.ts";
import { guardedNamesOn } from "../../core/connectors/board/guardedNames.ts";
import { exitCodes } from "./exitCodes.ts";
import type { HeadersReply, HeadersRequest } from "./protocol.ts";
import {
  because,
  refusedByName,
  refusedByPlace,
  refusedBySource,
  refusedByStanding,
  refusedReply,
  refusedUnfinished,
  type Refused,
} from "./refusals.ts";
import type { Unfinished } from "../server/route.ts";
import { shellHere } from "../../node/shell.ts";

/** The way from a connector to its credential, waiting for people included. */
export interface CredentialProvider {
  obtain(connectorId: string, options: WaitOptions): Promise<PipelineAnswer>;
  /** Keeps asking until the connector no longer waits for the person, or the signal fires. */
  follow(connectorId: string, signal: AbortSignal): Promise<PipelineAnswer>;
  /** The connector itself wants more proved than its vault does. */
  demand(connectorId: string, demand: Demand): void;
}

export interface HeadersParts {
  readonly board: Board;
  readonly pipeline: Pick<CredentialProvider, "obtain">;
  readonly clock: Clock;
  readonly t: Translate;
}

/** What may be given to the one who asked, for as long as the entry stays as it is. */
export interface Given {
  readonly kind: "given";
  readonly grant: Granted;
  readonly traceId: string;
}

export interface AnswerOptions {
  readonly runScript?: RunScript;
  /** See `SourceQuery.unasked`. */
  readonly unasked?: boolean;
}

/** A wait for a person ends so long before the request does, so that what is awaited can still be told. */
const lastWordMs = 150;

/** Answers "which headers does this connector get?". Never from memory: each request walks the pipeline. */
export class HeadersApi {
  readonly #parts: HeadersParts;

  constructor(parts: HeadersParts) {
    this.#parts = parts;
  }

  /** The entry that a request means and that may be acted on, or the refusal. */
  async find(request: HeadersRequest): Promise<BoardEntry | HeadersReply> {
    const { board, t, clock } = this.#parts;
    if (request.server === "" || request.url === "") return this.refuse(request, missingName(t));
    const found = board.find(request);
    const nowMs = clock.now();
    if (found.kind !== "found") {
      return this.refuse(request, refusedByName(found, request.url, t, nowMs));
    }
    const elsewhere = await refusedByPlace(found.entry, request.cwd, t);
    if (elsewhere !== undefined) return this.refuse(request, elsewhere);
    const refused = refusedByStanding(found.entry.status, t, nowMs) ?? wrongRoute(found.entry, request, t);
    if (refused === undefined) return found.entry;
    return this.#noted(found.entry, request, this.refuse(request, refused));
  }

  /** The same for a helper, which takes the headers away with it: then nobody keeps the rules of the tools. */
  async findForHelper(request: HeadersRequest): Promise<BoardEntry | HeadersReply> {
    const found = await this.find(request);
    if (!("connector" in found) || toolRulesOf(found.connector).length === 0) return found;
    const { t } = this.#parts;
    const why = t(
      "The tools of this connector are narrowed, which only lanyard bridge keeps. Start it by that",
    );
    return this.#noted(found, request, this.refuse(request, because("misconfigured", why)));
  }

  /** Rejects when the signal fires. */
  async answer(
    entry: BoardEntry,
    request: HeadersRequest,
    deadlineMs: number,
    signal: AbortSignal,
    options: AnswerOptions = {},
  ): Promise<HeadersReply> {
    const given = await this.grant(entry, request, deadlineMs, signal, options);
    return this.#noted(entry, request, given.kind === "given" ? this.#granted(request, given) : given);
  }

  /** What `answer` makes its headers of. Rejects when the signal fires. */
  async grant(
    entry: BoardEntry,
    request: HeadersRequest,
    deadlineMs: number,
    signal: AbortSignal,
    { runScript, unasked = false }: AnswerOptions = {},
  ): Promise<Given | HeadersReply> {
    const answer = await this.#parts.pipeline.obtain(entry.connector.id, {
      requester: "helper",
      signal,
      deadlineMs: Math.max(0, deadlineMs - Math.min(lastWordMs, deadlineMs / 4)),
      ...(runScript === undefined ? {} : { runScript }),
      ...(unasked ? { unasked } : {}),
    });
    return this.#given(request, entry, answer);
  }

  /** Claude Code does not ask again after a refusal: the row says what its person has to type. */
  #noted({ connector }: BoardEntry, { asker }: HeadersRequest, reply: HeadersReply): HeadersReply {
    if (asker !== "claude") return reply;
    if (reply.kind === "granted") this.#parts.board.served(connector.id);
    else if (reply.kind === "refused") this.#parts.board.refused(connector.id, this.#parts.clock.now());
    return reply;
  }

  refuse(request: HeadersRequest, refused: Refused): HeadersReply {
    return refusedReply(refused, { ...request, guarded: guardedNamesOn(this.#parts.board) }, this.#parts.t);
  }

  unfinished(request: HeadersRequest, why: Unfinished): HeadersReply {
    return this.refuse(request, refusedUnfinished(why, this.#parts.t));
  }

  async #given(
    request: HeadersRequest,
    entry: BoardEntry,
    { grant, evidence }: PipelineAnswer,
  ): Promise<Given | HeadersReply> {
    const { t, clock } = this.#parts;
    const nowMs = clock.now();
    const { traceId } = evidence;
    if (grant.kind !== "granted") {
      return this.refuse(request, refusedBySource(grant, traceId, t, nowMs));
    }
    // The entry may have changed, or lost its approval, while its source was asked.
    const present = await this.find(request);
    if (!("connector" in present)) return present;
    if (present.connector.id !== entry.connector.id) return this.unfinished(request, "failed");
    if (grant.expiresAtMs !== undefined && grant.expiresAtMs <= nowMs) {
      return this.refuse(request, {
        ...because("unavailable", t("The vault gave a credential that has already run out")),
        traceId,
      });
    }
    return { kind: "given", grant, traceId };
  }

  #granted(request: HeadersRequest, { grant, traceId }: Given): HeadersReply {
    const { expiresAtMs } = grant;
    const { t } = this.#parts;
    const read =
      grant.sign === undefined
        ? lastLook(grant.headers, t)
        : because(
            "misconfigured",
            t("Each request is signed for this connector, which headersHelper cannot do. Use lanyard bridge"),
          );
    if ("sentence" in read) return this.refuse(request, { ...read, traceId });
    return {
      kind: "granted",
      exitCode: exitCodes.ok,
      text: JSON.stringify(read.headers),
      headers: read.headers,
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      traceId,
    };
  }
}

/** What is about to be given away is looked at: an empty object or a name of odd make would fail open. */
export const lastLook = (
  credential: CredentialHeaders,
  t: Translate,
): Refused | { readonly headers: Readonly<Record<string, string>> } => {
  const headers = revealed(credential);
  const read = readHeaders(headers);
  if (read.kind === "headers") return { headers };
  return because("misconfigured", t(read.template, ...read.args).replace(/[.。]$/, ""));
};

const missingName = (t: Translate): Refused =>
  because("usage", t("Name the connector with --server and its URL with --url"));

/** The entry says which helper makes its headers; asked by another, the approval was for something else. */
const wrongRoute = (
  { connector: { helper } }: BoardEntry,
  { script, argv }: HeadersRequest,
  t: Translate,
): Refused | undefined => {
  if (helper.kind !== "script") {
    return script
      ? because("misconfigured", t("The helper was called with a script and the entry has none"))
      : undefined;
  }
  if (!script) {
    return because(
      "misconfigured",
      t("The entry has a script that makes its headers and the helper was called without it"),
    );
  }
  return argv !== undefined && runsCommand(helper.command, argv, shellHere)
    ? undefined
    : because(
        "misconfigured",
        t(
          "The helper was called with another script than the entry has. Restart Claude Code if you changed it",
        ),
      );
};
