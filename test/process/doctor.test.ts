import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { withCurl, type Env } from "./contract.ts";
import {
  buildHelper,
  install,
  oddFolder,
  run,
  startAgentProcess,
  type AgentProcess,
  type Ran,
} from "./support.ts";

vi.setConfig({ testTimeout: 20_000 });

let folder: Awaited<ReturnType<typeof oddFolder>>;
let home: string;
let quiet: string;
let agent: AgentProcess;

beforeAll(async () => {
  folder = await oddFolder();
  home = join(folder.path, "home");
  quiet = join(folder.path, "quiet");
  const bundle = await buildHelper(folder.path);
  await install(home, bundle);
  await install(quiet, bundle);
  agent = await startAgentProcess(home);
});

afterAll(async () => {
  await agent.stop();
  await folder.remove();
});

const lanyard = (at: string, args: readonly string[], env: Env = {}): Promise<Ran> =>
  run([join(at, "bin/lanyard"), ...args], { env: { PATH: withCurl, LANYARD_HOME: at, ...env } });

interface Finding {
  readonly check: string;
  readonly verdict: string;
  readonly remedy?: string;
}

const verdicts = ({ stdout }: Ran): Readonly<Record<string, string>> =>
  Object.fromEntries((JSON.parse(stdout) as Finding[]).map(({ check, verdict }) => [check, verdict]));

const healthy = { launcher: "ok", "endpoint file": "ok", "private directory": "ok", agent: "ok", curl: "ok" };

describe("lanyard doctor", () => {
  test("finds everything in order", async () => {
    const ran = await lanyard(home, ["doctor", "--json"]);
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(verdicts(ran)).toEqual(healthy);
    const text = await lanyard(home, ["doctor"]);
    expect(text.stdout.trimEnd().split("\n")).toHaveLength(5);
    expect(text.stdout).toMatch(/^ok {7}agent: version 0\.0\.0-test answers, process \d+\.$/m);
  });

  test("without curl warns: it only takes longer", async () => {
    const ran = await lanyard(home, ["doctor", "--json"], { PATH: "/nonexistent" });
    expect(ran.exitCode).toBe(0);
    expect(verdicts(ran)).toEqual({ ...healthy, curl: "warning" });
  });

  test("without an agent fails, and each failure has a remedy", async () => {
    const ran = await lanyard(quiet, ["doctor", "--json"]);
    expect(ran.exitCode).toBe(1);
    expect(verdicts(ran)).toMatchObject({ launcher: "ok", agent: "failed", "endpoint file": "failed" });
    for (const { verdict, remedy } of JSON.parse(ran.stdout) as Finding[]) {
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
    const at = join(folder.path, "moved");
    await install(at, join(folder.path, "helper.cjs"));
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
