import { readPlainReply } from "../ipc/replies.ts";
import type { Fields } from "../ipc/wire.ts";
import type { Environment } from "./environment.ts";
import { printed, unreachable, type Outcome, type Reader } from "./outcome.ts";
import { askPatiently } from "./patience.ts";

/** Asks the agent what to print. `isHeaders` when nothing but a JSON object of strings may come out. */
export const askAgent = async (
  environment: Environment,
  path: string,
  fields: Fields,
  reader: Reader,
  isHeaders = false,
): Promise<Outcome> => {
  const { asker, cwd } = environment;
  const called = await askPatiently(environment, (timeoutMs) => {
    return {
      path,
      message: { asker, json: reader.json, deadlineMs: timeoutMs, cwd, ...fields },
      accept: "plain",
      timeoutMs,
    };
  });
  if (called.kind !== "reply") return unreachable(called.kind, reader);
  const reply = readPlainReply(called.body);
  return reply === undefined ? unreachable("broken", reader) : printed(reply, reader, isHeaders);
};
