import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { callAgent, type AgentCall, type Called } from "../ipc/client.ts";
import { endpointFileOf } from "../ipc/endpoint/endpointFile.ts";
import { leftMs, type Environment } from "./environment.ts";

/** As many as the launcher's shell. */
const mostTries = 20;
/** A file that is being replaced is gone for less than that; one that stays away means that nobody runs. */
const mostLooks = 3;
const pauseMs = 100;
const leastMs = 500;

/**
 * Asks the agent. When VS Code closes a window or one of them dies, another answers in its place within a moment: until
 * then the endpoint file may be gone, or lead to nobody, and the question is put again.
 */
export const callUntilAnswered = async (
  environment: Environment,
  callWith: (timeoutMs: number) => AgentCall,
): Promise<Called> => {
  let looks = 0;
  for (let tries = 0; ; tries += 1) {
    const called = await callAgent(environment.home, callWith(leftMs(environment)));
    if (called.kind !== "absent" && called.kind !== "lost") return called;
    looks = existsSync(endpointFileOf(environment.home)) ? 0 : looks + 1;
    // Who had it when the time was over has not answered in time: that it went then says nothing of its answers.
    if (leftMs(environment) < leastMs) return called.kind === "lost" ? { kind: "timedOut" } : called;
    if (tries >= mostTries || looks > mostLooks) return called;
    await delay(pauseMs);
  }
};
