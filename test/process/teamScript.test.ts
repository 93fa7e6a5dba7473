import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { endpointFileOf } from "../../src/ipc/endpoint/endpointFile.ts";
import { exitCodes } from "../../src/ipc/api/exitCodes.ts";
import { isAlive } from "../support/alive.ts";
import { issuers, urlOf, userToken } from "./acme.ts";
import { claude, headersOf, unsendable, withCurl, type Env } from "./contract.ts";
import { openHomes, type Homes } from "./homes.ts";
import { run, type Ran } from "./support.ts";

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

/** `lanyard headers OPTIONS -- script`, where the script's body is `lines`. Called by its launcher, as from `.mcp.json`. */
const withScript = async (
  lines: string,
  {
    at = home,
    env = claude("scripted"),
    options = [] as readonly string[],
    args = [] as readonly string[],
    script = "./get headers.sh",
  } = {},
): Promise<Ran> => {
  await writeFile(join(folder, script), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return run([join(at, "bin/lanyard"), "headers", ...options, "--", script, ...args], {
    env: { PATH: withCurl, LANYARD_HOME: at, ...env },
    cwd: folder,
  });
};

const person: readonly string[] = ["--server=scripted", `--url=${urlOf("scripted")}`];
const printed = (name: string): string => `printf '{"X":"%s"}' "$${name}"`;

describe("what the script is given", () => {
  test.each([
    ["CLAUDE_CODE_MCP_USER_TOKEN", userToken],
    ["CLAUDE_CODE_MCP_USER_TOKEN_ISSUER", issuers.signedIn],
    ["CLAUDE_CODE_MCP_SERVER_NAME", "scripted"],
    ["CLAUDE_CODE_MCP_SERVER_URL", urlOf("scripted")],
    ["TEAM_SETTING", "kept"],
    ["NODE_OPTIONS", "--no-warnings"],
  ])("%s", async (name, value) => {
    const env = { ...claude("scripted"), TEAM_SETTING: "kept", NODE_OPTIONS: "--no-warnings" };
    const ran = await withScript(printed(name), { env });
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(headersOf(ran.stdout)).toEqual({ X: value });
  });

  test("nothing of how the helper itself was started", async () => {
    const ran = await withScript(`printf '{"X":"<%s%s>"}' "$ELECTRON_RUN_AS_NODE" "$LANYARD_NODE_OPTIONS"`);
    expect(headersOf(ran.stdout)).toEqual({ X: "<>" });
  });

  test("its arguments, as they were written", async () => {
    const ran = await withScript(`printf '{"X":"%s|%s|%s"}' "$#" "$1" "$2"`, {
      args: ["two words", "--json"],
    });
    expect(headersOf(ran.stdout)).toEqual({ X: "2|two words|--json" });
  });

  test("with --stdin one JSON object, and an environment without the token", async () => {
    const seen = join(folder, "seen.json");
    const body = `cat >seen.json; env | grep -c USER_TOKEN >&2; printf '{"X":"y"}'`;
    const ran = await withScript(body, { env: {}, options: [...person, "--stdin"] });
    expect(headersOf(ran.stdout)).toEqual({ X: "y" });
    expect(ran.stderr.trim()).toBe("0");
    expect(JSON.parse(await readFile(seen, "utf8"))).toEqual({
      server: "scripted",
      url: urlOf("scripted"),
      issuer: issuers.signedIn,
      token: userToken,
    });
  });

  test("with --stdin a script that does not read it works all the same", async () => {
    expect(headersOf((await withScript(printed("PATH"), { options: ["--stdin"] })).stdout)).toEqual({
      X: withCurl,
    });
  });
});

describe("what the script says", () => {
  test.each([
    ["prints no JSON", "echo hello", "not usable"],
    ["prints an empty object", "echo '{}'", "empty object"],
    ["prints a number", `echo '{"X":1}'`, "not a string"],
    ["prints a line break in a value", String.raw`printf '{"X":"a\\r\\nHost: b"}'`, "cannot be sent"],
    ["prints something before the object", `echo log; echo '{"X":"y"}'`, "not usable"],
    ["prints nothing", "true", "not usable"],
    ["fails though it printed headers", `echo '{"X":"y"}'; exit 3`, "ended with code 3"],
    ["kills itself", "kill -9 $$", "ended with code"],
  ])("%s: refused, with the reason", async (_what, lines, told) => {
    expect(unsendable(await withScript(lines))).toContain(told);
    const ran = await withScript(lines, { env: {}, options: person });
    expect(ran).toMatchObject({ exitCode: exitCodes.misconfigured, stdout: "" });
    expect(ran.stderr).toContain(told);
  });

  test("a reason in JSON on stderr is told as it is meant, its URL included", async () => {
    const lines = `echo '{"error":"access_denied","error_description":"Not for contractors"}' >&2; exit 1`;
    const ran = await withScript(lines);
    const [text = ""] = Object.keys(headersOf(ran.stdout));
    expect(text).toContain("Not for contractors");
    expect(await withScript(lines, { env: {}, options: person })).toMatchObject({
      exitCode: exitCodes.denied,
      stdout: "",
    });
  });

  test("on stderr passes through to a person, and not to Claude Code", async () => {
    const lines = `echo 'asking the vault' >&2; printf '{"X":"y"}'`;
    expect((await withScript(lines, { env: {}, options: person })).stderr).toBe("asking the vault\n");
    expect((await withScript(lines)).stderr).toBe("");
  });

  test("a flood ends it", async () => {
    const ran = await withScript('yes \'{"X":"y"}\'', { env: claude("scripted") });
    unsendable(ran);
    expect(ran.tookMs).toBeLessThan(8000);
  });
});

describe("a script that does not end", () => {
  const short: Env = { LANYARD_DEADLINE_SECONDS: "2" };

  test("is ended with everything that it started, within the deadline", async () => {
    const pids = join(folder, "pids");
    const lines = `trap '' TERM; sleep 300 & echo $! $$ >pids; wait; sleep 300`;
    const ran = await withScript(lines, { env: { ...claude("scripted"), ...short } });
    expect(unsendable(ran)).toMatch(/did not end in time|took too long|did not come in time/);
    expect(ran.tookMs).toBeLessThan(3000);
    const [child = "", own = ""] = (await readFile(pids, "utf8")).trim().split(" ");
    for (const pid of [child, own]) expect(isAlive(Number(pid))).toBe(false);
  });

  test("what it leaves behind in its group goes with it, and does not hold up the answer", async () => {
    const pid = join(folder, "left");
    const ran = await withScript(`sleep 300 & echo $! >left; printf '{"X":"y"}'`);
    expect(headersOf(ran.stdout)).toEqual({ X: "y" });
    const left = (await readFile(pid, "utf8")).trim();
    await expect.poll(() => isAlive(Number(left))).toBe(false);
  });
});

describe("when the script is not run", () => {
  const touched = (): string => join(folder, "ran");
  const touching = `: >ran; printf '{"X":"y"}'`;

  test.each([
    ["the entry names no script", claude("ready"), "the entry has none"],
    ["the entry is not approved", claude("unapproved"), "waits for your approval"],
    ["the URL is another", claude("scripted", "https://evil.example.com/"), "approved with another URL"],
  ])("%s", async (_what, env, told) => {
    expect(unsendable(await withScript(touching, { env }))).toContain(told);
    expect(existsSync(touched())).toBe(false);
  });

  test("Lanyard is not running", async () => {
    expect(unsendable(await withScript(touching, { at: quiet }))).toContain("not running");
    const ran = await withScript(touching, { at: quiet, env: {}, options: person });
    expect(ran).toMatchObject({ exitCode: exitCodes.notRunning, stdout: "" });
    expect(existsSync(touched())).toBe(false);
  });

  test.each<[how: string, argv: [string, ...string[]]]>([
    ["with other arguments", ["./get headers.sh", "--team", "other"]],
    ["with less", ["./get headers.sh"]],
    ["with more", ["./get headers.sh", "--team", "acme", "more"]],
    ["another one", ["./other.sh", "--team", "acme"]],
  ])("it is not what the entry was approved with: %s", async (_how, [script, ...args]) => {
    const ran = await withScript(touching, { env: claude("oneScript"), args, script });
    expect(unsendable(ran)).toContain("another script than the entry has");
    expect(existsSync(touched())).toBe(false);
  });

  test("it cannot be started", async () => {
    const env = { PATH: withCurl, LANYARD_HOME: home, ...claude("scripted") };
    const ran = await run([join(home, "bin/lanyard"), "headers", "--", "./nothing.sh"], {
      env,
      cwd: folder,
    });
    expect(unsendable(ran)).toContain("could not be started");
  });
});

describe("with a token that Claude Code itself has", () => {
  const env = {
    ...claude("scripted"),
    CLAUDE_CODE_MCP_USER_TOKEN: "own",
    CLAUDE_CODE_MCP_USER_TOKEN_ISSUER: "https://own",
  };

  test("the script gets that one, and no agent is needed", async () => {
    const ran = await withScript(
      `printf '{"X":"%s %s"}' "$CLAUDE_CODE_MCP_USER_TOKEN" "$CLAUDE_CODE_MCP_USER_TOKEN_ISSUER"`,
      {
        at: quiet,
        env,
      },
    );
    expect(headersOf(ran.stdout)).toEqual({ X: "own https://own" });
    expect(existsSync(endpointFileOf(quiet))).toBe(false);
  });

  test.each([
    ["{}", "empty object"],
    ["hello", "not usable"],
    [String.raw`{"A B":"c"}`, "is not a header name"],
  ])("its output %j is judged as strictly", async (output, told) => {
    expect(unsendable(await withScript(`printf '%s' '${output}'`, { at: quiet, env }))).toContain(told);
  });

  test("it hangs: refused within the deadline", async () => {
    const ran = await withScript("sleep 300", { at: quiet, env: { ...env, LANYARD_DEADLINE_SECONDS: "2" } });
    expect(unsendable(ran)).toContain("did not end in time");
    expect(ran.tookMs).toBeLessThan(3000);
  });
});
