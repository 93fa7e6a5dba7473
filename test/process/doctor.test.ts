import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Finding } from "../../src/core/doctor/finding.ts";
import { withCurl, type Env } from "./contract.ts";
import { openHomes, type Homes } from "./homes.ts";
import { install, run, type Ran } from "./support.ts";

vi.setConfig({ testTimeout: 20_000 });

let homes: Homes;
let folder: string;
let home: string;
let quiet: string;

beforeAll(async () => {
  homes = await openHomes();
  ({ folder, home, quiet } = homes);
});

afterAll(() => homes.close());

const lanyard = (at: string, args: readonly string[], env: Env = {}): Promise<Ran> =>
  run([join(at, "bin/lanyard"), ...args], { env: { PATH: withCurl, LANYARD_HOME: at, ...env } });

const findingsOf = ({ stdout }: Ran): readonly Finding[] => JSON.parse(stdout) as readonly Finding[];

const verdicts = (ran: Ran): Readonly<Record<string, string>> =>
  Object.fromEntries(findingsOf(ran).map(({ check, verdict }) => [check, verdict]));

const here = {
  ...{ launcher: "ok", "endpoint file": "ok", "private directory": "ok", agent: "ok", curl: "ok" },
  "Claude Code": "warning",
};
/** What the window that answers looks at itself: see `agentProcess.ts`. */
const inWindow = { "identity provider": "ok", approvals: "warning" };
const healthy = { ...inWindow, ...here };

/** A Claude Code that says this version. */
const claudeCode = async (version: string): Promise<string> => {
  const bin = join(folder, `claude-${version}`);
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "claude"), `#!/bin/sh\necho "${version} (Claude Code)"\n`, { mode: 0o755 });
  return bin;
};

describe("lanyard doctor", () => {
  test("finds everything in order, and asks the window what only a window can see", async () => {
    const ran = await lanyard(home, ["doctor", "--json"]);
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(verdicts(ran)).toEqual(healthy);
    const { stdout } = await lanyard(home, ["doctor"]);
    expect(stdout).toMatch(/^ok {7}agent: version 0\.0\.0-test answers, process \d+\.$/m);
    expect(stdout).toMatch(/^ok {7}identity provider: idp\.example\.com answers\.$/m);
    expect(stdout).toMatch(/^warning {2}approvals: One waits\.\n {9}→ Review it\.$/m);
  });

  test("knows the Claude Code that this shell would start", async () => {
    const known = { PATH: `${await claudeCode("2.1.330")}:${withCurl}` };
    expect(verdicts(await lanyard(home, ["doctor", "--json"], known))).toEqual({
      ...healthy,
      "Claude Code": "ok",
    });
    const unknown = { PATH: `${await claudeCode("9.9.9")}:${withCurl}` };
    const said = (await lanyard(home, ["doctor"], unknown)).stdout;
    expect(said).toMatch(/^warning {2}Claude Code: Version 9\.9\.9: not measured\./m);
  });

  test("without curl warns: it only takes longer", async () => {
    const ran = await lanyard(home, ["doctor", "--json"], { PATH: "/nonexistent" });
    expect(ran.exitCode).toBe(0);
    expect(verdicts(ran)).toEqual({ ...healthy, curl: "warning" });
  });

  test("without an agent fails, and each failure has a remedy", async () => {
    const ran = await lanyard(quiet, ["doctor", "--json"]);
    expect(ran.exitCode).toBe(1);
    expect(verdicts(ran)).toEqual({
      ...here,
      ...{ agent: "failed", "endpoint file": "failed", "private directory": "failed" },
    });
    for (const { verdict, remedy } of findingsOf(ran)) {
      if (verdict === "failed") expect(remedy).toMatch(/\S/);
    }
  });

  test("sees a launcher that cannot be run", async () => {
    await chmod(join(home, "bin/lanyard"), 0o644);
    const ran = await run([process.execPath, join(home, "lib/lanyard.cjs"), "doctor", "--json"], {
      env: { PATH: withCurl, LANYARD_HOME: home },
    });
    await chmod(join(home, "bin/lanyard"), 0o755);
    expect(verdicts(ran)).toEqual({ ...healthy, launcher: "failed" });
  });

  test("sees a launcher of another version than the agent", async () => {
    const launcher = join(home, "bin/lanyard");
    const text = await readFile(launcher, "utf8");
    await writeFile(launcher, text.replace("version 0.0.0-test", "version 0.0.0-before"));
    const ran = await lanyard(home, ["doctor", "--json"]);
    await writeFile(launcher, text);
    expect(verdicts(ran)).toEqual({ ...healthy, launcher: "warning" });
  });
});

describe("help", () => {
  test.each([
    [["--help"]],
    [["help"]],
    [["headers", "--help"]],
    [["token", "-h"]],
    [["status", "--help"]],
    [["doctor", "--help"]],
  ])("of %j is on stdout", async (args) => {
    const ran = await lanyard(quiet, args);
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^Usage: lanyard /);
  });
});

describe("an editor that has moved", () => {
  const broken = async (): Promise<string> => {
    const at = join(folder, "moved");
    await install(at, join(folder, "helper.cjs"));
    await rm(join(at, "lib/lanyard.cjs"));
    return at;
  };

  test("without a Node helper Claude Code still reads why", async () => {
    const at = await broken();
    const claude = {
      PATH: "/nonexistent",
      CLAUDE_CODE_MCP_SERVER_NAME: "ready",
      CLAUDE_CODE_MCP_SERVER_URL: "https://x/",
    };
    const ran = await lanyard(at, ["headers", "--", "true"], { ...claude, CLAUDE_CODE_MCP_USER_TOKEN: "t" });
    expect(ran.exitCode).toBe(0);
    expect(() => new Headers(JSON.parse(ran.stdout) as Record<string, string>)).toThrow(TypeError);
  });
});
