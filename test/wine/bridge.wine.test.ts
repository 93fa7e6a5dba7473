/** The bridge's entry for Windows, started as clients start it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bridgeCommand } from "../../src/core/config/command/bridgeCommand.ts";
import { buildHelper, install } from "../process/support.ts";
import { needs } from "../support/needs.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-müller-"));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

test("cmd starts the bridge, which answers its client", needs("windows"), async () => {
  await install(join(home, ".lanyard"), await buildHelper(home));
  const { command, args } = bridgeCommand("ready", "cmd");
  const child = spawn(command, args, {
    cwd: home,
    env: { ...process.env, USERPROFILE: home },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  expect(JSON.parse(line)).toMatchObject({ id: 1, result: { protocolVersion: "2025-06-18" } });
  const closed = once(child, "close");
  child.stdin.end();
  expect(await closed).toEqual([0, null]);
});
