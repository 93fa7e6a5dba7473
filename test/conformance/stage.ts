/** Bridges as conversations: a window that grants, a connector behind a door, and a real process for each client. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildHelper, install, oddFolder } from "../process/support.ts";
import { connectorName, startWindow, token, type TestWindow } from "../process/bridge/window.ts";
import { Lines } from "../../src/bridge/wire/lines.ts";
import { Door, type DoorOptions } from "./door.ts";
import type { Converse } from "../../demo/mcp/wire.ts";

export interface Stage {
  /** Where the suite finds the connector through bridges. */
  readonly url: string;
  readonly door: Door;
  /** Ends the window, and starts it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const bridgeIn =
  (home: string): Converse =>
  (onLine) => {
    const child = spawn(process.execPath, [join(home, "lib/lanyard.cjs"), "bridge", connectorName], {
      cwd: home,
      env: { PATH: process.env["PATH"], LANYARD_HOME: home },
      stdio: ["pipe", "pipe", process.env["LANYARD_SHOW_STDERR"] === undefined ? "ignore" : "inherit"],
    });
    const lines = new Lines();
    child.stdout.on("data", (chunk: Buffer) => {
      for (const line of lines.read(chunk)) onLine(line.toString("utf8"));
    });
    child.stdin.on("error", () => undefined);
    return {
      send: (line) => void child.stdin.write(`${line}\n`),
      async close() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const closed = once(child, "close");
        child.stdin.end();
        await closed;
      },
    };
  };

/** The connector has one door, the suite another, and between them stand the bridges. */
export const stageWith = async (
  connector: Omit<DoorOptions, "authorization">,
  suite: Partial<DoorOptions> = {},
): Promise<Stage> => {
  const folder = await oddFolder();
  const home = join(folder.path, "home");
  await mkdir(home, { mode: 0o700 });
  await install(home, await buildHelper(folder.path));
  const behind = new Door({ ...connector, authorization: `Bearer ${token}` });
  const connectorUrl = await behind.listen();
  let window: TestWindow = await startWindow(home, connectorUrl);
  const door = new Door({ ...suite, converse: bridgeIn(home) });
  return {
    url: await door.listen(),
    door,
    restart: async () => {
      await window.stop();
      window = await startWindow(home, connectorUrl);
    },
    stop: async () => {
      await door.close();
      await window.stop();
      await behind.close();
      await folder.remove();
    },
  };
};
