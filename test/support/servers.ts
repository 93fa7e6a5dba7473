import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { lastLines, type Tree } from "../../scripts/support/processes.ts";

/** A port that nobody has at this moment, in neither address family. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};

/** Waits until a server that was just started answers. @throws with its last words when it ends or takes too long. */
export const whenAnswers = async (url: string, tree: Tree, limitMs: number): Promise<void> => {
  let said = "";
  for (const stream of [tree.stdout, tree.stderr]) {
    stream.on("data", (chunk: Buffer) => (said = lastLines(said + chunk.toString(), 60)));
  }
  const end = new AbortController();
  void tree.exited.then(() => end.abort());
  const untilMs = Date.now() + limitMs;
  while (Date.now() < untilMs && !end.signal.aborted) {
    if (await answers(url)) return;
    await delay(250);
  }
  throw new Error(`${url} ${end.signal.aborted ? "has ended" : "does not answer"}.\n${said}`);
};
