import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bridgeCommand } from "../../../src/core/config/command/bridgeCommand.ts";
import { clients } from "../../../src/helper/clients.ts";
import { readCommandLine } from "../../../src/helper/commandLine.ts";
import type { Environment } from "../../../src/helper/environment.ts";
import type { CommandOutcome } from "../../../src/helper/outcome.ts";

let home = "";
const config = (): string => join(home, ".codex/config.toml");

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-clients-"));
  for (const name of ["HOME", "USERPROFILE"]) vi.stubEnv(name, home);
  await mkdir(join(home, ".codex"));
  await writeFile(config(), "# mine\n");
  const userAuth = { url: "https://x.example/mcp", issuer: "https://idp.example.com", clientId: "lanyard" };
  const mcpServers = { salesforce: { ...bridgeCommand("salesforce"), userAuth } };
  await writeFile(join(home, ".mcp.json"), JSON.stringify({ mcpServers }));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const run = async (...args: readonly string[]): Promise<CommandOutcome> => {
  const line = readCommandLine("clients", args);
  if (line.kind === "wrong") throw new Error(line.message);
  const environment: Environment = {
    ...{ home: join(home, ".lanyard"), asker: "person", server: "", url: "", callerPid: 0, cwd: home },
    ...{ deadlineAtMs: 8000, variables: { PATH: "" }, guarded: [] },
  };
  return clients(environment, line.options);
};

describe("lanyard clients", () => {
  test("shows where each client stands, and writes nothing that was not asked for", async () => {
    expect((await run()).stdout).toBe("Codex\n  salesforce: no");
    expect(JSON.parse((await run("--json")).stdout ?? "")).toMatchObject({ clients: ["codex"] });
    const shown = await run("add", "salesforce");
    expect(shown.stdout).toMatch(/this would be written to .+\n\+ .*\n\+ \[mcp_servers\.salesforce\]/);
    expect(await readFile(config(), "utf8")).toBe("# mine\n");
  });

  test("adds an entry on the person's word, and takes it away again", async () => {
    expect((await run("add", "salesforce", "--yes")).exitCode).toBe(0);
    expect((await run()).stdout).toContain(`salesforce: yes (${config()})`);
    expect((await run("add", "salesforce", "--yes")).stdout).toContain("It is left as it is");
    expect((await run("remove", "salesforce", "--client", "codex", "--yes")).exitCode).toBe(0);
    expect(await readFile(config(), "utf8")).toBe("# mine\n");
  });

  test.each([
    [["add", "other", "--yes"], /defines no bridge "other"/],
    [["add"], /Say add or remove/],
    [["add", "salesforce", "more"], /Say add or remove/],
    [["--client", "emacs"], /There is no client "emacs"/],
  ])("%j is refused", async (args, message) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(await readFile(config(), "utf8")).toBe("# mine\n");
  });

  test("a file that is not understood is left alone, and that is a failure", async () => {
    await writeFile(config(), "a = \n");
    const { exitCode, stdout } = await run("add", "salesforce", "--yes");
    expect([exitCode === 0, stdout]).toEqual([false, expect.stringContaining("Change it by hand")]);
    expect(await readFile(config(), "utf8")).toBe("a = \n");
  });
});

test("no other command takes words", () => {
  expect(readCommandLine("status", ["add"]).kind).toBe("wrong");
});
