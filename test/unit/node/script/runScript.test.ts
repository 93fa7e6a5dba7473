import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { EntryOrigin } from "../../../../src/core/config/connector.ts";
import type { ScriptResult } from "../../../../src/core/credentials/source.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { startTrace } from "../../../../src/core/trace.ts";
import { runScriptHere } from "../../../../src/node/script/runScript.ts";
import { runTeamScript } from "../../../../src/node/script/teamScript.ts";
import { isAlive } from "../../../support/alive.ts";
import { session } from "../../../support/asks.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { dangersInTerminal } from "../../../support/hostile.ts";

/**
 * Scripts as the window itself runs them: for "Check Now" and for VS Code's own MCP client. They are Node's, which every
 * system has.
 */
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "lanyard-script-")));
});
afterAll(() => rm(folder, { recursive: true }));

const variables = {
  ...{ PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter), TEAM_SETTING: "kept" },
  ...{ ELECTRON_RUN_AS_NODE: "1", SystemRoot: process.env["SystemRoot"] },
  VAULT_TOKEN: "of-the-editor",
};

const ofProject = (): EntryOrigin => ({ kind: "workspace", folder, file: join(folder, ".mcp.json") });
const ofPerson = (): EntryOrigin => ({ kind: "user", file: join(folder, ".claude.json") });

const ranBy = async (
  body: string,
  {
    stdin = false,
    signal = new AbortController().signal,
    command = "node ./get.cjs",
    origin = ofProject(),
  }: {
    readonly stdin?: boolean;
    readonly signal?: AbortSignal;
    readonly command?: string;
    readonly origin?: EntryOrigin;
  } = {},
): Promise<ScriptResult> => {
  await writeFile(join(folder, "get.cjs"), body);
  const connector = connectorNamed("sentry", {
    url: "https://mcp.example.com/sentry",
    helper: { kind: "script", command, stdin },
    origin,
  });
  const query = {
    connector,
    session: { ...session, accessToken: new Secret("token-canary") },
    trace: startTrace(),
    signal,
  };
  return runScriptHere(variables)(query, { command, folder });
};

describe("a script is given", () => {
  test("the token, its issuer and the connector in its environment, and runs in the connector's folder", async () => {
    const names = ["SERVER_NAME", "SERVER_URL", "USER_TOKEN", "USER_TOKEN_ISSUER"];
    const { exitCode, stdout } = await ranBy(
      `const { env } = process;
       const given = ${JSON.stringify(names)}.map((name) => env["CLAUDE_CODE_MCP_" + name]);
       console.log(JSON.stringify([...given, env.TEAM_SETTING, env.ELECTRON_RUN_AS_NODE ?? "", env.PWD, process.cwd()]));`,
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      ...["sentry", "https://mcp.example.com/sentry", "token-canary", session.issuer, "kept", ""],
      ...[folder, folder],
    ]);
  });

  test("all of it on standard input, and no token in the environment, where the entry says --stdin", async () => {
    const { stdout } = await ranBy(
      `const given = require("node:fs").readFileSync(0, "utf8");
       console.log(given + "\\n" + Object.values(process.env).filter((value) => value.includes("token-canary")).length);`,
      { stdin: true },
    );
    const [handedOver = "", ofTheEnvironment] = stdout.trim().split("\n");
    expect(JSON.parse(handedOver)).toEqual({
      server: "sentry",
      url: "https://mcp.example.com/sentry",
      issuer: session.issuer,
      token: "token-canary",
    });
    expect(ofTheEnvironment).toBe("0");
  });
});

test.each([
  ["a project's entry gets no secret of the editor's environment, as with Claude Code", ofProject, "none"],
  ["a person's own entry gets the environment whole", ofPerson, "of-the-editor"],
])("%s", async (_, origin, seen) => {
  const { stdout } = await ranBy(
    "const { VAULT_TOKEN = 'none', TEAM_SETTING } = process.env; console.log(VAULT_TOKEN, TEAM_SETTING);",
    { origin: origin() },
  );
  expect(stdout).toBe(`${seen} kept\n`);
});

describe("a script ends", () => {
  test("with its own exit code and what it said", async () => {
    expect(await ranBy("console.log('out'); console.error('err'); process.exitCode = 7;")).toEqual({
      exitCode: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test("at the signal, with everything that it started", async () => {
    const abort = new AbortController();
    const ran = ranBy(
      `const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
       require("node:fs").writeFileSync("left", child.pid + "\\n");`,
      { signal: abort.signal },
    );
    const left = (): Promise<string> => readFile(join(folder, "left"), "utf8");
    await expect.poll(() => left().catch(() => ""), { timeout: 20_000 }).toMatch(/\d\n/);
    abort.abort();
    expect(await ran).toMatchObject({ exitCode: "timedOut" });
    const pid = Number(await left());
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });

  test("when it says far more than headers could be", async () => {
    const { exitCode, stdout } = await ranBy(
      "for (;;) require('node:fs').writeSync(1, 'y\\n'.repeat(1024));",
    );
    expect(exitCode).toBe("tooMuchOutput");
    expect(stdout).toHaveLength(40 * 1024);
  });

  test("before it began, where there is nothing to run", async () => {
    expect(await ranBy("", { command: "./not-there" })).toMatchObject({ exitCode: "notStarted" });
  });
});

test("what a script says on stderr is passed on to a person as words, not to their terminal as commands", async () => {
  const said: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  const handover = { server: "x", url: "https://x", issuer: "https://i", token: "t", variables } as const;
  const script = String.raw`
    const say = (...bytes) => process.stderr.write(Buffer.from(bytes));
    say(...Buffer.from("a \x1b]0;OWNED\x07\x9b \u202ex\nnext"), 0xc3);
    setTimeout(() => say(0xbc), 100);`;
  try {
    await runTeamScript(
      { kind: "argv", argv: [process.execPath, "-e", script], folder: undefined },
      { ...handover, by: "environment" },
      { signal: AbortSignal.timeout(20_000), passStderr: true },
    );
  } finally {
    spy.mockRestore();
  }
  expect(dangersInTerminal(said.join(""))).toEqual([]);
  expect(said.join("")).toMatch(/OWNED.*\nnextü$/s);
});
