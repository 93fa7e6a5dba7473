/**
 * Holds a program on a line: `node scripts/support/endWithParent.ts COMMAND ARGUMENT…` runs it in a process group of its own and ends
 * the whole group when stdin closes (whoever started us is gone), on SIGINT or SIGTERM, and when the program itself ends.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { endGroup } from "./processes.ts";

const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, {
  stdio: ["ignore", "inherit", "inherit"],
  detached: process.platform !== "win32",
});
const { pid } = child;
if (pid === undefined) {
  const [error] = (await once(child, "error")) as [Error];
  console.error(error.message);
  process.exit(127);
}

const cut = (): void => void endGroup(pid, 5_000);
process.stdin.once("close", cut).resume();
process.once("SIGINT", cut);
process.once("SIGTERM", cut);
process.once("SIGHUP", cut);

const [code] = (await once(child, "exit")) as [number | null];
await endGroup(pid, 5_000);
process.exit(code ?? 1);
