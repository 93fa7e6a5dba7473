import * as z from "zod";
import type { Connector } from "../config/connector.ts";
import { plainText } from "../text.ts";
import { hostOf } from "../urls.ts";

/**
 * What the history tells of. `obtain`: somebody wants a credential; `answer`: what the vault said; `handOut`: a credential
 * left Lanyard; `token`: the person's own access token left it; `refusal`: Lanyard itself said no.
 */
export const historyKinds = [
  "approval",
  "withdrawal",
  "ask",
  "answer",
  "handOut",
  "token",
  "refusal",
  "signIn",
  "signOut",
] as const;
export type HistoryKind = (typeof historyKinds)[number];

const fact = z.string().max(300);
const timeMs = z.number().int();

/** One line of the history: facts alone, and no place in it for a secret. Times in milliseconds since the epoch. */
export const historyLineSchema = z.object({
  atMs: timeMs,
  kind: z.enum(historyKinds),
  /** The entry's name, where it stands, and the host that its credential is for. */
  connector: fact.exactOptional(),
  file: fact.exactOptional(),
  host: fact.exactOptional(),
  issuer: fact.exactOptional(),
  /** Who wanted it: `helper`, `editor`, `check`, `wait`, `person`. */
  asker: fact.exactOptional(),
  /** The program that asked, where the system tells it. */
  program: fact.exactOptional(),
  /** Who answered: a host, or Lanyard itself. */
  answeredBy: fact.exactOptional(),
  /** What the answer was: a grant's kind, or why not. */
  outcome: fact.exactOptional(),
  /** The rule that decided: a setting, or what a vault calls its policy. */
  policy: fact.exactOptional(),
  traceId: fact.exactOptional(),
  /** Until when the credential lives. */
  expiresAtMs: timeMs.exactOptional(),
});
export type HistoryLine = z.infer<typeof historyLineSchema>;

/** What is noted: a line without its time. A fact that is not known is left out or `undefined`. */
export type HistoryEvent = Readonly<{ kind: HistoryKind }> & {
  readonly [Fact in Exclude<keyof HistoryLine, "kind" | "atMs">]?: HistoryLine[Fact] | undefined;
};

/** Takes what happened. Never waits and never fails: a history that cannot be written stops nobody. */
export interface History {
  note(event: HistoryEvent): void;
}

/** For what has no history: tests, and a window that has none yet. */
export const noHistory: History = { note: () => undefined };

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
export const historyLine = (event: HistoryEvent, atMs: number): HistoryLine => {
  const facts = Object.entries(event).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "string" ? plainText(value) : value]],
  );
  return historyLineSchema.parse({ atMs, ...Object.fromEntries(facts) });
};
