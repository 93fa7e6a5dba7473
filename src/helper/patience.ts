import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { callAgent, type AgentCall, type Called } from "../ipc/client.ts";
import { endpointFileOf } from "../ipc/endpoint/endpointFile.ts";
import { aWindowLives } from "../ipc/endpoint/livingWindow.ts";
import { leftMs, type Environment } from "./environment.ts";

/** As many as the launcher's shell. */
const mostTries = 20;
/** A file that is being replaced is gone for less than that; one that stays away means that nobody leads. */
const mostLooks = 3;
const pauseMs = 100;
const leastMs = 500;

/**
 * Asks the agent. When VS Code closes a window or one of them dies, another answers in its place within a moment, or on a
 * busy machine within seconds: until then the endpoint file may be gone, or lead to nobody, and the question is put again.
 * Nobody is told that Lanyard is not running while a window lives.
 */
export const callUntilAnswered = async (
  environment: Environment,
  callWith: (timeoutMs: number) => AgentCall,
): Promise<Called> => {
  const { home } = environment;
  let looks = 0;
  for (let tries = 0; ; tries += 1) {
    const called = await callAgent(home, callWith(leftMs(environment)));
    if (called.kind !== "absent" && called.kind !== "lost") return called;
    looks = existsSync(endpointFileOf(home)) ? 0 : looks + 1;
    const isLate = leftMs(environment) < leastMs;
    if (isLate || tries >= mostTries || looks > mostLooks) {
      // Who had it when the time was over has not answered in time: that it went then says nothing of its answers.
      const mayCome = called.kind === "lost" ? isLate : await aWindowLives(home);
      if (!mayCome) return called;
      if (isLate) return { kind: "timedOut" };
    }
    await delay(pauseMs);
  }
};
