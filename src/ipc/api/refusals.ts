import { inOneLine, reasonFor, type Sentence } from "../../core/connectors/sentences.ts";
import { survivesClaudeCode } from "../../core/connectors/wording/claudeCode.ts";
import { unsendableHeader, usualGuards } from "../../core/connectors/wording/unsendable.ts";
import type { Found } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import type { Status } from "../../core/connectors/board/status.ts";
import type { Refusal } from "../../core/credentials/grant.ts";
import { hostOf } from "../../core/urls.ts";
import { plainText, type Translate } from "../../core/text.ts";
import { exitCodes, type ExitCode } from "./exitCodes.ts";
import type { CallerKind, RefusalKind, RefusedReply } from "./protocol.ts";
import type { Unfinished } from "../server/route.ts";
import { worksIn } from "../worksIn.ts";

/** Why there is nothing to hand out, before it is put into the words of the one who asked. */
export interface Refused {
  readonly kind: RefusalKind;
  readonly sentence: Sentence;
  /** The same without words of the connector's URL, which Claude Code stars out. */
  readonly forClaudeCode?: Sentence;
  readonly traceId?: string;
}

const codes: Readonly<Record<RefusalKind, ExitCode>> = {
  needsConnection: exitCodes.needsConnection,
  stepUp: exitCodes.stepUp,
  pending: exitCodes.pending,
  denied: exitCodes.denied,
  signedOut: exitCodes.signedOut,
  misconfigured: exitCodes.misconfigured,
  unavailable: exitCodes.unavailable,
  untrusted: exitCodes.misconfigured,
  unapproved: exitCodes.misconfigured,
  unknown: exitCodes.misconfigured,
  urlMismatch: exitCodes.misconfigured,
  ambiguous: exitCodes.misconfigured,
  usage: exitCodes.usage,
  internal: exitCodes.internal,
};

export interface Audience {
  readonly asker: CallerKind;
  readonly json: boolean;
  /** The connector's name, where one is meant. */
  readonly server: string;
  /** Its URL, as the asker has it. */
  readonly url?: string;
  /** The names that the guards of entries have, for Claude Code. */
  readonly guarded?: readonly string[];
}

/**
 * What a refusal prints. For Claude Code it is a header that cannot be sent and counts as success: on anything else
 * Claude Code connects without a credential.
 */
export const refusedReply = (refused: Refused, audience: Audience, t: Translate): RefusedReply => {
  const { kind, sentence, traceId } = refused;
  const refusal = { kind, ...sentence, ...(traceId === undefined ? {} : { traceId }) };
  if (audience.asker === "claude") {
    const line = inOneLine(forClaudeCode(refused.forClaudeCode ?? sentence, audience.url ?? "", t), t);
    // Claude Code stars out the connector's name and the words of its URL, and shows the name itself beside the reason.
    const text = unsendableHeader(t("Lanyard sends nothing. {0}", line), audience.guarded ?? usualGuards);
    return { kind: "refused", exitCode: exitCodes.ok, text, refusal };
  }
  const server = plainText(audience.server, 80);
  const line = inOneLine(sentence, t);
  const trace = traceId === undefined ? "" : ` (${t("trace ID {0}", traceId)})`;
  const said = server === "" ? `lanyard: ${line}` : `lanyard: ${server}${trace}: ${line}`;
  const text = audience.json ? JSON.stringify({ exitCode: codes[kind], ...refusal }) : said;
  return { kind: "refused", exitCode: codes[kind], text, refusal };
};

/** A link that would not survive being shown is not: it would lead elsewhere. */
const forClaudeCode = (sentence: Sentence, connectorUrl: string, t: Translate): Sentence => {
  const { reason, url } = sentence;
  if (url === undefined || survivesClaudeCode(url, connectorUrl)) return sentence;
  return { reason: t("{0}. Go on in the Connectors view of VS Code", reason) };
};

export const refusedBySource = (
  grant: Refusal,
  traceId: string | undefined,
  t: Translate,
  nowMs: number,
): Refused => ({
  kind: grant.kind,
  sentence: reasonFor(grant, t, nowMs),
  ...(traceId === undefined ? {} : { traceId }),
});

/** Why nothing is asked for this entry, or undefined when it may be. */
export const refusedByStanding = (status: Status, t: Translate, nowMs: number): Refused | undefined =>
  status.kind === "untrusted" || status.kind === "unapproved"
    ? { kind: status.kind, sentence: reasonFor(status, t, nowMs) }
    : undefined;

/** Why somebody who works elsewhere gets nothing of this entry, or undefined where they work in its folder. */
export const refusedByPlace = async (
  { connector: { origin } }: BoardEntry,
  cwd: string,
  t: Translate,
): Promise<Refused | undefined> =>
  (await worksIn(cwd, origin.folder))
    ? undefined
    : because(
        "unapproved",
        t(
          "The entry was approved for the folder {0} and not for this one",
          plainText(origin.folder ?? "", 200),
        ),
      );

/** Why a request means no connector that may be used. */
export const refusedByName = (
  found: Exclude<Found, { readonly kind: "found" }>,
  url: string,
  t: Translate,
  nowMs: number,
): Refused => {
  switch (found.kind) {
    case "unknown":
      return because("unknown", t("No open folder in VS Code has a connector of this name"));
    case "elsewhere":
      return because(
        "unknown",
        t("The connector of this name is for {0}. Run it in that folder", plainText(found.folder, 200)),
      );
    case "broken":
      return {
        kind: "misconfigured",
        sentence: reasonFor({ kind: "misconfigured", issues: found.entry.issues }, t, nowMs),
      };
    case "urlMismatch":
      return {
        ...because(
          "urlMismatch",
          t(
            "The entry was approved for {0} and not for {1}",
            hostAndPath(found.entry.connector.url),
            hostAndPath(url),
          ),
        ),
        forClaudeCode: {
          reason: t(
            "The entry was approved with another URL than Claude Code has. Look at it in VS Code, then restart Claude Code",
          ),
        },
      };
    case "ambiguous":
      return refusedAmbiguous(found.entries.length, t);
  }
};

export const refusedAmbiguous = (count: number, t: Translate): Refused =>
  because("ambiguous", t("{0} open folders have a connector of this name. Run it in one of them", count));

export const refusedUnfinished = (why: Unfinished, t: Translate): Refused => {
  switch (why) {
    case "overdue":
      return because("unavailable", t("The answer did not come in time. Try again"));
    case "closing":
      return because("unavailable", t("VS Code is closing or reloading its window. Try again"));
    case "failed":
      return because("internal", t("Lanyard failed. Its log in VS Code says more"));
  }
};

export const because = (kind: RefusalKind, reason: string): Refused => ({ kind, sentence: { reason } });

/** A URL without the parts that may hold secrets; the scheme goes too, so that no redactor takes it for a link. */
const hostAndPath = (url: string): string => {
  const parsed = URL.parse(url);
  return parsed === null ? hostOf(url) : plainText(`${parsed.host}${parsed.pathname}`, 120);
};
