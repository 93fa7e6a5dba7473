import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import type { IdentityService, SessionNeed } from "../../core/identity/session.ts";
import { isBearerToken } from "../../core/identity/signIn/tokens.ts";
import type { TokenConsentResult } from "../../core/history/tokenConsent.ts";
import { noHistory, type History } from "../../core/history/history.ts";
import { hostOf } from "../../core/urls.ts";
import type { Clock } from "../../core/ports.ts";
import type { Translate } from "../../core/text.ts";
import { exitCodes } from "./exitCodes.ts";
import type { TokenReply, TokenRequest } from "./protocol.ts";
import {
  because,
  refusedAmbiguous,
  refusedByName,
  refusedByPlace,
  refusedByStanding,
  refusedReply,
  refusedUnfinished,
  type Refused,
} from "./refusals.ts";
import { reasonFor } from "../../core/connectors/sentences.ts";
import type { Unfinished } from "../server/route.ts";

export interface TokenParts {
  readonly board: Board;
  readonly sessions: Pick<IdentityService, "fresh">;
  readonly clock: Clock;
  readonly t: Translate;
  readonly consent: Consent;
  readonly history?: History;
}

/** Whether the program behind a process id may have the person's token at this issuer. */
export type Consent = (
  asked: { readonly issuer: string; readonly pid: number },
  waitMs: number,
) => Promise<{ readonly result: TokenConsentResult; readonly program?: string }>;

type Choice =
  | { readonly kind: "need"; readonly need: SessionNeed }
  | { readonly kind: "refused"; readonly refused: Refused };

/** Hands out the user's access token of an issuer that an approved connector names, and of no other. */
export class TokenApi {
  readonly #parts: TokenParts;

  constructor(parts: TokenParts) {
    this.#parts = parts;
  }

  async answer(request: TokenRequest, leftMs: number, signal: AbortSignal): Promise<TokenReply> {
    const choice = request.server === "" ? this.#byIssuer(request) : await this.#byConnector(request);
    if (choice.kind === "refused") return this.#refuse(request, choice.refused);
    const { t, clock, sessions, consent, history = noHistory } = this.#parts;
    const { issuer: at } = choice.need;
    const asked = { issuer: at, pid: request.pid };
    const { result, program } = await consent(asked, Math.max(0, leftMs - reserveMs));
    const facts = { issuer: hostOf(at), asker: "lanyard token", program, connector: request.server };
    if (result !== "allowed") {
      history.note({ kind: "refusal", ...facts, outcome: result, policy: "lanyard.tokenCommand" });
      return this.#refuse(request, because("denied", consentSentences(t)[result]));
    }
    const answer = await sessions.fresh(choice.need, { signal });
    if (answer.kind !== "active") {
      const sentence = reasonFor(answer, t, clock.now());
      return this.#refuse(request, { kind: answer.kind, sentence });
    }
    if (answer.session.senderConstrained === true) {
      return this.#refuse(request, because("misconfigured", boundToken(t)));
    }
    const { issuer, accessToken, accessTokenExpiresAtMs: expiresAtMs } = answer.session;
    const token = accessToken.reveal();
    if (!isBearerToken(token)) return this.#refuse(request, because("misconfigured", strangeToken(t)));
    history.note({ kind: "token", ...facts, expiresAtMs });
    const shown = { issuer, token, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
    const text = request.json ? JSON.stringify(shown) : token;
    this.#remember(choice.need, expiresAtMs);
    return { kind: "token", exitCode: exitCodes.ok, text, ...shown };
  }

  /** A printed token lives on like any credential: what a sign-in may leave behind counts it, at one of its connectors. */
  #remember({ issuer, clientId }: SessionNeed, expiresAtMs: number | undefined): void {
    const { board, clock } = this.#parts;
    const entry = board
      .entries()
      .find(({ connector: { userAuth } }) => userAuth.issuer === issuer && userAuth.clientId === clientId);
    if (entry !== undefined) board.issued(entry.connector.id, clock.now(), expiresAtMs);
  }

  /** Several windows' connectors fit as well as each other. */
  ambiguous(request: TokenRequest, count: number): TokenReply {
    const { t } = this.#parts;
    return this.#refuse(request, request.server === "" ? severalSignIns(t) : refusedAmbiguous(count, t));
  }

  unfinished(request: TokenRequest, why: Unfinished): TokenReply {
    return this.#refuse(request, refusedUnfinished(why, this.#parts.t));
  }

  /** Never a header, whoever asks: the one who reads it takes it for a token. */
  #refuse({ json, server }: TokenRequest, refused: Refused): TokenReply {
    return refusedReply(refused, { asker: "person", json, server }, this.#parts.t);
  }

  async #byConnector(request: TokenRequest): Promise<Choice> {
    const { board, t, clock } = this.#parts;
    const found = board.find(request);
    const nowMs = clock.now();
    if (found.kind !== "found") return refuse(refusedByName(found, request.url, t, nowMs));
    const { connector, status } = found.entry;
    const refused =
      (await refusedByPlace(found.entry, request.cwd, t)) ??
      refusedByStanding(status, t, nowMs) ??
      otherIssuer(found.entry, request.issuer, t);
    return refused === undefined ? { kind: "need", need: connector.userAuth } : refuse(refused);
  }

  #byIssuer({ issuer }: TokenRequest): Choice {
    const { board, t, clock } = this.#parts;
    const approved = board
      .entries()
      .filter(({ status }) => refusedByStanding(status, t, clock.now()) === undefined)
      .map(({ connector }) => connector.userAuth)
      .filter((userAuth) => issuer === "" || userAuth.issuer === issuer);
    const bySignIn = new Map(approved.map((need) => [`${need.issuer}\n${need.clientId}`, need]));
    const [need, ...others] = bySignIn.values();
    if (need === undefined) {
      return refuse(because("unknown", t("No approved connector uses this identity provider")));
    }
    if (others.length > 0) {
      return refuse(severalSignIns(t));
    }
    return { kind: "need", need };
  }
}

/** Whoever reads it would send it as a bearer token, which every server has to refuse. */
const boundToken = (t: Translate): string =>
  t(
    "The sign-in's token is bound to a key (DPoP) and of no use without it. Turn {0} off and sign in again",
    "lanyard.senderConstrainedTokens",
  );

/** What is left to get the token once the person has answered. */
const reserveMs = 1_000;

const consentSentences = (
  t: Translate,
): Readonly<Record<Exclude<TokenConsentResult, "allowed">, string>> => ({
  denied: t("You did not allow it in VS Code"),
  unanswered: t("VS Code asks you whether this program may have your token. Answer there and try again"),
  forbidden: t("The setting {0} or a policy gives no program your token", "lanyard.tokenCommand"),
});

/** One that was kept before such were refused. */
const strangeToken = (t: Translate): string =>
  t("The sign-in's token holds characters that no token has. Sign out and sign in again");

const severalSignIns = (t: Translate): Refused =>
  because("ambiguous", t("There are several sign-ins. Name a connector with --server and --url"));

const refuse = (refused: Refused): Choice => ({ kind: "refused", refused });

const otherIssuer = ({ connector }: BoardEntry, issuer: string, t: Translate): Refused | undefined =>
  issuer === "" || issuer === connector.userAuth.issuer
    ? undefined
    : because("misconfigured", t("The connector uses another identity provider"));
