import type { Board } from "../../core/connectors/board/board.ts";
import { longerLived, type BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import type { BrokenEntry } from "../../core/config/connector.ts";
import {
  exposureOf,
  lastCredentialSentence,
  worstCaseSentence,
  worstOf,
} from "../../core/connectors/wording/exposure.ts";
import { inOneLine, reasonFor } from "../../core/connectors/sentences.ts";
import type { Evidence, Status } from "../../core/connectors/board/status.ts";
import type { IdentityService } from "../../core/identity/session.ts";
import type { Clock } from "../../core/ports.ts";
import { plainText, type Translate } from "../../core/text.ts";
import { shownUrl } from "../../core/urls.ts";
import { exitCodes } from "./exitCodes.ts";
import type { AccountRow, StatusReply, StatusRequest, StatusRow } from "./protocol.ts";
import { refusedReply, refusedUnfinished } from "./refusals.ts";
import type { Unfinished } from "../server/route.ts";
import { TickCoalescer } from "./tickCoalescer.ts";

export interface StatusParts {
  readonly board: Board;
  readonly sessions: Pick<IdentityService, "list">;
  readonly clock: Clock;
  readonly t: Translate;
}

/** Tells what the board shows. Asks nobody. */
export class StatusApi {
  readonly #parts: StatusParts;
  /** What this window alone knows, for everybody who asks at once; the key is `json`. */
  readonly #together = new TickCoalescer<boolean, StatusReply>();

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  /** @param elsewhere what other windows have; of an entry that several show, the row that was seen last counts. */
  answer({ json }: StatusRequest, elsewhere: readonly StatusRow[] = []): Promise<StatusReply> {
    return elsewhere.length === 0
      ? this.#together.share(json, () => this.#tell(json, []))
      : this.#tell(json, elsewhere);
  }

  async #tell(json: boolean, elsewhere: readonly StatusRow[]): Promise<StatusReply> {
    const { board, sessions, clock, t } = this.#parts;
    const nowMs = clock.now();
    const accounts = (await sessions.list()).map(({ issuer, accountLabel, signedInAtMs }): AccountRow => ({
      issuer,
      account: accountLabel,
      signedInAtMs,
    }));
    const connectors = newestRows([
      ...board.entries().map((entry) => rowOf(entry, t, nowMs)),
      ...board.broken().map((entry) => brokenRow(entry, t, nowMs)),
      ...elsewhere,
    ]);
    const text = json ? JSON.stringify({ accounts, connectors }) : table(accounts, connectors, t, nowMs);
    return { kind: "status", exitCode: exitCodes.ok, text, connectors, accounts };
  }

  unfinished({ json }: StatusRequest, why: Unfinished): StatusReply {
    const { t } = this.#parts;
    return refusedReply(refusedUnfinished(why, t), { asker: "person", json, server: "" }, t);
  }
}

const newestRows = (rows: readonly StatusRow[]): readonly StatusRow[] => {
  const newest = new Map<string, StatusRow>();
  for (const row of rows) {
    const known = newest.get(row.id);
    newest.set(row.id, known === undefined ? row : merged(known, row));
  }
  return [...newest.values()];
};

/** Of two windows' rows about one entry: the newer answer, the last use, and what lives longest of either. */
const merged = (a: StatusRow, b: StatusRow): StatusRow => {
  const newer = (b.answeredAtMs ?? 0) > (a.answeredAtMs ?? 0) ? b : a;
  const lastAskedAtMs = Math.max(a.lastAskedAtMs ?? 0, b.lastAskedAtMs ?? 0);
  const lastIssued = longerLived(a.lastIssued, b.lastIssued);
  return {
    ...newer,
    ...(lastAskedAtMs === 0 ? {} : { lastAskedAtMs }),
    ...(lastIssued === undefined ? {} : { lastIssued }),
  };
};

const rowOf = (
  { connector, status, lastAskedAtMs, lastIssued }: BoardEntry,
  t: Translate,
  nowMs: number,
): StatusRow => {
  const { reason, url } = reasonFor(status, t, nowMs);
  const evidence = evidenceOf(status);
  return {
    id: connector.id,
    server: connector.name,
    url: withoutSecrets(connector.url),
    file: connector.origin.file,
    issuer: connector.userAuth.issuer,
    status: status.kind,
    reason,
    ...(url === undefined ? {} : { openUrl: url }),
    ...(evidence === undefined
      ? {}
      : { answeredBy: evidence.answeredBy, answeredAtMs: evidence.atMs, traceId: evidence.traceId }),
    ...(lastAskedAtMs === undefined ? {} : { lastAskedAtMs }),
    ...(lastIssued === undefined ? {} : { lastIssued }),
  };
};

const brokenRow = ({ id, name, origin, issues }: BrokenEntry, t: Translate, nowMs: number): StatusRow => ({
  id,
  server: name,
  url: "",
  file: origin.file,
  issuer: "",
  status: "misconfigured",
  reason: reasonFor({ kind: "misconfigured", issues }, t, nowMs).reason,
});

const evidenceOf = (status: Status): Evidence | undefined =>
  "evidence" in status ? status.evidence : undefined;

const withoutSecrets = (url: string): string => {
  const parsed = URL.parse(url);
  return parsed === null ? "" : `${parsed.origin}${parsed.pathname}`;
};

const table = (
  accounts: readonly AccountRow[],
  connectors: readonly StatusRow[],
  t: Translate,
  nowMs: number,
): string => {
  const people = accounts.map(({ account, issuer }) => {
    const issued = connectors.filter((row) => row.issuer === issuer).map(({ lastIssued }) => lastIssued);
    const worst = worstOf(issued.map((each) => exposureOf(each, nowMs)));
    return `${t("Signed in as {0} at {1}.", plainText(account, 100), shownUrl(issuer))} ${worstCaseSentence(worst, t, nowMs)}`;
  });
  const width = Math.max(0, ...connectors.map(({ server }) => plainText(server, 40).length));
  const rows = connectors.map((row) => {
    const sentence = { reason: row.reason, ...(row.openUrl === undefined ? {} : { url: row.openUrl }) };
    const lastCredential = lastCredentialSentence(row.lastIssued, t, nowMs);
    const told = [inOneLine(sentence, t), ...(lastCredential === undefined ? [] : [lastCredential])].join(
      " ",
    );
    return `${plainText(row.server, 40).padEnd(width)}  ${ageOf(row, t, nowMs)}${told}`;
  });
  if (people.length === 0) people.push(t("Nobody is signed in."));
  if (rows.length === 0) rows.push(t("No open folder has a connector."));
  return [...people, ...rows].join("\n");
};

const ageOf = ({ answeredAtMs }: StatusRow, t: Translate, nowMs: number): string => {
  if (answeredAtMs === undefined) return "";
  const minutes = Math.floor(Math.max(0, nowMs - answeredAtMs) / 60_000);
  return minutes < 1 ? t("[just seen] ") : t("[seen {0} min ago] ", minutes);
};
