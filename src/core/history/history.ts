import type { Connector } from "../config/connector.ts";
import { plainText } from "../text.ts";
import { hostOf } from "../urls.ts";

/**
 * What the history tells of. `answer`: what a vault or the IdP said when somebody wanted a credential; `handOut`: a
 * credential left Lanyard; `token`: the person's own access token left it; `refusal`: Lanyard itself said no; `ask`:
 * somebody was asked; `call`: a client asked something of a connector by the bridge.
 */
const historyKinds = [
  "approval",
  "withdrawal",
  "ask",
  "answer",
  "handOut",
  "token",
  "refusal",
  "signIn",
  "signOut",
  "call",
] as const;
export type HistoryKind = (typeof historyKinds)[number];

/** The facts of a line that are words, in the order in which they are read. */
const historyFacts = [
  /** The entry's name, where it stands, and the host that its credential is for. */
  "connector",
  "file",
  "host",
  "issuer",
  /** Who wanted it: `helper`, `editor`, `check`, `wait`, `person`. */
  "asker",
  /** The program that asked, as far as the system tells. */
  "program",
  /** Of a call: what was asked and of which tool; never what with. */
  "method",
  "tool",
  /** The connector's HTTP status, where it answered. */
  "status",
  /** Who answered: a host, or Lanyard itself. */
  "answeredBy",
  /** What the answer was: a grant's kind, or why not; of a call, how it ended (`CallOutcome`). */
  "outcome",
  /** The rule that decided: a setting, or what a vault calls its policy. */
  "policy",
  "traceId",
] as const;
type HistoryFact = (typeof historyFacts)[number];

/** One line of the history: facts alone, and no place in it for a secret. Times in milliseconds since the epoch. */
export type HistoryLine = {
  readonly atMs: number;
  readonly kind: HistoryKind;
  /** Until when the credential lives. */
  readonly expiresAtMs?: number;
} & { readonly [Fact in HistoryFact]?: string };

/** What is noted: a line without its time. A fact that is not known is left out or `undefined`. */
export type HistoryEvent = Readonly<{ kind: HistoryKind; expiresAtMs?: number | undefined }> & {
  readonly [Fact in HistoryFact]?: string | undefined;
};

/** Takes what happened. Never waits and never fails: a history that cannot be written stops nobody. */
export interface History {
  note(event: HistoryEvent): void;
}

/** For what has no history: tests, and a window that has none yet. */
export const noHistory: History = { note: () => undefined };

/**
 * How a call ended: with an answer, with an HTTP error, because rules forbid the tool, without a right to the connector,
 * or without any answer.
 */
export type CallOutcome = "answered" | "error" | "forbidden" | "refused" | "failed";

/** What names a connector in the history. No path or query of its URL: they may hold a secret. */
export const connectorFacts = ({
  name,
  origin,
  url,
  userAuth,
}: Pick<Connector, "name" | "origin" | "url" | "userAuth">): Pick<
  HistoryEvent,
  "connector" | "file" | "host" | "issuer"
> => ({ connector: name, file: origin.file, host: hostOf(url), issuer: hostOf(userAuth.issuer) });

/** The event at its time, every text of it plain. */
export const historyLine = (event: HistoryEvent, atMs: number): HistoryLine => ({
  atMs,
  kind: event.kind,
  ...words((fact) => event[fact]),
  ...(event.expiresAtMs === undefined ? {} : { expiresAtMs: event.expiresAtMs }),
});

/** Reads a line as it was written; by hand, because the helper reads it too. @returns undefined for anything else */
export const readHistoryLine = (text: string): HistoryLine | undefined => {
  const fields = objectOf(text);
  const { atMs, expiresAtMs } = fields;
  const kind = historyKinds.find((each) => each === fields["kind"]);
  if (kind === undefined || typeof atMs !== "number") return undefined;
  return {
    ...{ atMs, kind },
    ...words((fact) => fields[fact]),
    ...(typeof expiresAtMs === "number" ? { expiresAtMs } : {}),
  };
};

const words = (valueOf: (fact: HistoryFact) => unknown): { readonly [Fact in HistoryFact]?: string } =>
  Object.fromEntries(
    historyFacts.flatMap((fact) => {
      const value = valueOf(fact);
      return typeof value === "string" && value !== "" ? [[fact, plainText(value)]] : [];
    }),
  );

const objectOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    return {};
  }
};

/** A line for people: when, what, and every fact that is known. The words are the file's own, because people search for them. */
export const historyText = (line: HistoryLine): string => {
  const facts = historyFacts.flatMap((fact) => {
    const value = line[fact];
    return value === undefined ? [] : [`${fact}=${/[\s"=]/.test(value) ? JSON.stringify(value) : value}`];
  });
  const until = line.expiresAtMs === undefined ? [] : [`until=${timeText(line.expiresAtMs)}`];
  return [timeText(line.atMs), line.kind.padEnd(10), ...facts, ...until].join("  ");
};

/** A time outside of what a date can hold is as it is. */
const timeText = (atMs: number): string => {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? String(atMs) : at.toISOString();
};
