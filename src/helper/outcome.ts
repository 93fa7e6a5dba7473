import { unsendableHeader } from "../core/connectors/wording/unsendable.ts";
import type { Unreachable } from "../ipc/client.ts";
import { exitCodes } from "../ipc/api/exitCodes.ts";
import { looksLikeHeaders, type PlainReply } from "../ipc/api/replies.ts";
import type { CallerKind } from "../ipc/api/protocol.ts";

/** What the helper prints and exits with. Written once, at the end. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Who reads it, and in which shape. */
export interface Reader {
  readonly asker: CallerKind;
  readonly json: boolean;
  /** The names that guards of entries have. */
  readonly guarded: readonly string[];
}

/** The launcher's shell has the same sentences. */
const sentences: Readonly<Record<Unreachable["kind"], string>> = {
  absent:
    "Lanyard is not running so there is nothing to send. Open this folder in VS Code and sign in with Lanyard",
  timedOut:
    "Lanyard did not answer in time so there is nothing to send. Try again or reload the VS Code window",
  lost: "Lanyard gave an answer that makes no sense so there is nothing to send. Reload the VS Code window",
  broken: "Lanyard gave an answer that makes no sense so there is nothing to send. Reload the VS Code window",
  unreadable:
    "The endpoint file of Lanyard cannot be read or is not yours so there is nothing to send. Run lanyard doctor",
  unsafe:
    "The endpoint file of Lanyard cannot be read or is not yours so there is nothing to send. Run lanyard doctor",
};

export const unreachable = (kind: Unreachable["kind"], { asker, json, guarded }: Reader): CommandOutcome => {
  const reason = sentences[kind];
  if (asker === "claude") return { exitCode: exitCodes.ok, stdout: unsendableHeader(reason, guarded) };
  const exitCode = exitCodes.notRunning;
  return {
    exitCode,
    stderr: json ? JSON.stringify({ exitCode, kind: "notRunning", reason }) : `lanyard: ${reason}.`,
  };
};

/** A call that cannot be understood. Claude Code is refused like any other reader, in its own way. */
export const usage = (message: string, { asker, json, guarded }: Reader): CommandOutcome => {
  if (asker === "claude")
    return {
      exitCode: exitCodes.ok,
      stdout: unsendableHeader(`Lanyard was called wrongly. ${message}`, guarded),
    };
  const exitCode = exitCodes.usage;
  return {
    exitCode,
    stderr: json
      ? JSON.stringify({ exitCode, kind: "usage", reason: message })
      : `lanyard: ${message} See lanyard --help.`,
  };
};

/** What the agent wants printed; for Claude Code only if it is headers, sendable or not. */
export const printed = (
  { exitCode, text }: PlainReply,
  reader: Reader,
  isHeaders: boolean,
): CommandOutcome => {
  const isRefusal = exitCode !== exitCodes.ok;
  if (reader.asker === "claude" && isRefusal)
    return { exitCode: exitCodes.ok, stdout: unsendableHeader(text, reader.guarded) };
  if (isRefusal) return { exitCode, stderr: text };
  if (isHeaders && !looksLikeHeaders(text)) return unreachable("broken", reader);
  return { exitCode, stdout: text };
};
