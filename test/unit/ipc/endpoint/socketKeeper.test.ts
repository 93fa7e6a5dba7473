import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import { keepSocket } from "../../../../src/ipc/endpoint/socketKeeper.ts";
import { AgentServer } from "../../../../src/ipc/server/server.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { recordingLog } from "../../../support/ports.ts";
import { needs } from "../../../support/needs.ts";

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const swept = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

it.each([
  ["a socket that is swept away", swept],
  ["a folder that is swept away with its socket", (path: string) => swept(dirname(path))],
  ["a socket in whose place a file lies", (path: string) => swept(path).then(() => writeFile(path, ""))],
  ["a socket in whose place a link lies", (path: string) => swept(path).then(() => symlink(base, path))],
])("%s is back within two seconds, as often as it goes", needs("socketFiles"), async (_what, sweep) => {
  const path = join(base, "run", "agent.sock");
  await mkdir(dirname(path));
  const log = recordingLog();
  const server = await AgentServer.listen({
    ...{ address: path, key: new Secret("k".repeat(43)), version: "0.1.0", log },
    router: () => undefined,
  });
  const restore = async (): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await server.relisten();
  };
  const keeper = keepSocket({ path, clock: systemClock, log, restore });
  try {
    for (let time = 0; time < 2; time += 1) {
      await sweep(path);
      expect(await answers(path)).toBe(false);
      await vi.waitFor(async () => expect(await answers(path)).toBe(true), { timeout: 2000, interval: 50 });
    }
  } finally {
    keeper.dispose();
    await server.close();
  }
  expect(await answers(path)).toBe(false);
});
