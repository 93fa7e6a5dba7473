import { readHeaders } from "../core/credentials/headers.ts";
import { readScriptResult } from "../core/credentials/script/script.ts";
import type { ScriptResult } from "../core/credentials/source.ts";
import { english } from "../core/text.ts";
import { exitCodes } from "../ipc/api/exitCodes.ts";
import { because, refusedBySource, refusedReply } from "../ipc/api/refusals.ts";
import { printed, type CommandOutcome, type Reader } from "./outcome.ts";

/** What the agent would make of a script's result, where the token did not come from it. In a piece of its own: it is large. */
export const judgeLocally = (result: ScriptResult, server: string, reader: Reader): CommandOutcome => {
  const nowMs = Date.now();
  const audience = { ...reader, server };
  const grant = readScriptResult(result, nowMs);
  if (grant.kind !== "granted") {
    return printed(
      refusedReply(refusedBySource(grant, undefined, english, nowMs), audience, english),
      reader,
      true,
    );
  }
  const headers = Object.fromEntries(
    Object.entries(grant.headers).map(([name, value]) => [name, value.reveal()]),
  );
  if (readHeaders(headers).kind === "problem") {
    const refused = because("misconfigured", "The script made headers that cannot be sent");
    return printed(refusedReply(refused, audience, english), reader, true);
  }
  return printed({ exitCode: exitCodes.ok, text: JSON.stringify(headers) }, reader, true);
};
