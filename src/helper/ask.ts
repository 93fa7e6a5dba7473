import { callAgent } from "../ipc/client.ts";
import { readPlainReply } from "../ipc/replies.ts";
import type { Fields } from "../ipc/wire.ts";
import { leftMs, type Environment } from "./environment.ts";
import { printed, unreachable, type Outcome, type Reader } from "./outcome.ts";

/** Asks the agent what to print. `isHeaders` when nothing but a JSON object of strings may come out. */
export const askAgent = async (
  environment: Environment,
  path: string,
  fields: Fields,
  reader: Reader,
  isHeaders = false,
): Promise<Outcome> => {
  const { asker, cwd, home } = environment;
  const timeoutMs = leftMs(environment);
  const common = { asker, json: String(reader.json), deadlineMs: String(timeoutMs), cwd };
  const called = await callAgent(home, {
    path,
    message: { kind: "fields", fields: { ...common, ...fields } },
    accept: "plain",
    timeoutMs,
  });
  if (called.kind !== "reply") return unreachable(called.kind, reader);
  const reply = readPlainReply(called.body);
  return reply === undefined ? unreachable("broken", reader) : printed(reply, reader, isHeaders);
};
