/**
 * Claude Code, told by its helper that there is nothing to send, gives the server up: until its person types a command
 * in that session, every call fails and no helper is asked, whatever has become ready since. Seen with 2.1.248 to
 * 2.1.332 (`npm run test:clients`, docs/step-up.md).
 */
import { plainText, type Translate } from "../text.ts";
import type { BoardEntry } from "./board/boardEntry.ts";
import { lastAnswer } from "./board/status.ts";

/** What heals a session that was refused, typed in it. */
export const reconnectCommand = (server: string): string => `/mcp reconnect ${plainText(server, 80)}`;

type Refused = Pick<BoardEntry, "connector" | "status" | "refusedAtMs">;

/** Whether it could be used again and Claude Code does not know: it was refused, and has not asked since. */
const isLeftBehind = ({ status, refusedAtMs }: Refused): boolean =>
  refusedAtMs !== undefined && lastAnswer(status)?.kind === "granted";

/** Whether asking again is what the person can do, and may bring another answer: they said no themselves. */
const mayAskAgain = ({ status, refusedAtMs }: Refused): boolean => {
  const answer = lastAnswer(status);
  return refusedAtMs !== undefined && answer?.kind === "denied" && answer.by === "user";
};

/** What a row says beside its status, in a few words; absent where typing it would change nothing now. */
export const reconnectHint = (entry: Refused, t: Translate): string | undefined => {
  const command = reconnectCommand(entry.connector.name);
  if (isLeftBehind(entry)) return t("type {0} in Claude Code", command);
  return mayAskAgain(entry) ? t("{0} in Claude Code asks again", command) : undefined;
};

/** The whole of it, for a tooltip; absent where no session was refused. */
export const reconnectSentence = (entry: Refused, t: Translate, when: string): string | undefined => {
  if (entry.refusedAtMs === undefined) return undefined;
  const command = reconnectCommand(entry.connector.name);
  if (isLeftBehind(entry)) {
    return t(
      "Claude Code was refused at {0} and does not ask again by itself: type {1} in it.",
      when,
      command,
    );
  }
  if (mayAskAgain(entry)) {
    return t("Claude Code was refused at {0}. To ask once more, type {1} in it.", when, command);
  }
  return t("Claude Code was refused at {0}. Once this is ready, type {1} in it.", when, command);
};
