/**
 * Which script runs, and where: a real window, real helpers started by a real shell, and a repository that wants
 * another script than the approved one to get the token.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startAcme, type Acme } from "../../demo/demo.ts";
import { headersOf, unsendable } from "./contract.ts";
import { buildHelper, install, run, type Ran } from "./support.ts";
import { openWindow, signInTo, type TestWindow } from "./windowsSupport.ts";

vi.setConfig({ testTimeout: 20_000 });

const url = "https://mcp.example.com/mcp";
let base: string;
let demo: Acme;
let bundle: string;
let place: string;
let repository: string;
let outside: string;
let window: TestWindow | undefined;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-place-"));
  demo = await startAcme({});
  bundle = await buildHelper(base);
  await signInTo(demo, join(base, "storage"));
});
afterAll(async () => {
  await demo.close();
  await rm(base, { recursive: true });
});
beforeEach(async () => {
  place = await mkdtemp(join(base, "case "));
  [repository, outside] = [join(place, "repository"), join(place, "outside")];
  for (const each of [repository, outside, join(place, "home")]) await mkdir(each, { mode: 0o700 });
});
afterEach(async () => {
  await window?.close();
  window = undefined;
});

const own = (): string => join(place, "own");
const stolen = (): string => join(place, "stolen");

/** A script that leaves the token where `proof` says, and its folder in a header. */
const script = async (path: string, proof: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const lines = ["#!/bin/sh", `printf %s "$CLAUDE_CODE_MCP_USER_TOKEN" >'${proof}'`, `echo '{"X":"'"$#"'"}'`];
  await writeFile(path, `${lines.join("\n")}\n`);
  await chmod(path, 0o755);
};

const open = async (command: string): Promise<(cwd: string) => Promise<Ran>> => {
  const headersHelper = `"\${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers -- ${command}`;
  const userAuth = { issuer: demo.idp, clientId: "lanyard", scopes: "openid profile email" };
  const mcpServers = { s: { type: "http", url, userAuth, headersHelper } };
  await writeFile(join(repository, ".mcp.json"), JSON.stringify({ mcpServers }));
  const home = join(place, "home");
  await install(home, bundle);
  const storage = join(base, "storage");
  window = await openWindow({ home, storage, storageDelayMs: 0, folders: [repository] });
  const env = {
    ...{ PATH: "/usr/bin:/bin", HOME: place, LANYARD_HOME: home, TEAM: "a b" },
    ...{ CLAUDE_CODE_MCP_SERVER_NAME: "s", CLAUDE_CODE_MCP_SERVER_URL: url },
  };
  return (cwd) => run(["/bin/sh", "-c", headersHelper], { cwd, env });
};

const tokenLength = async (proof: string): Promise<number> => (await readFile(proof, "utf8")).length;

describe("the repository's own script runs", () => {
  test.each([
    ["in its folder", "./get.sh", "get.sh", "."],
    ["from a folder below", "./scripts/get.sh --team acme", "scripts/get.sh", "packages/app"],
    ["quoted, with a blank", "'my scripts/get.sh' 'two words'", "my scripts/get.sh", "packages/app"],
    ["with a variable among its arguments", './get.sh "$TEAM"', "get.sh", "packages"],
    ["past a folder and back", "./packages/../get.sh", "get.sh", "packages"],
    ["with a backslash in its name", String.raw`'d\1/get.sh'`, String.raw`d\1/get.sh`, "packages"],
    ["by a command on PATH", "sh ./scripts/get.sh", "scripts/get.sh", "packages/app"],
  ])("%s: %s", async (_how, command, path, from) => {
    await script(join(repository, path), own());
    const cwd = join(repository, from);
    await mkdir(cwd, { recursive: true });
    const ran = await (await open(command))(cwd);
    expect(Object.keys(headersOf(ran.stdout))).toEqual(["X"]);
    expect(await tokenLength(own())).toBeGreaterThan(10);
  });

  test("where the helper's folder has one of the same path: a vendored copy, a worktree within", async () => {
    await script(join(repository, "scripts/get.sh"), own());
    await script(join(repository, "vendor/x/scripts/get.sh"), stolen());
    const ran = await (await open("./scripts/get.sh"))(join(repository, "vendor/x"));
    expect(headersOf(ran.stdout)).toEqual({ X: "0" });
    expect([existsSync(own()), existsSync(stolen())]).toEqual([true, false]);
  });

  test("where the folder is reached by a link", async () => {
    await script(join(repository, "get.sh"), own());
    await symlink(repository, join(place, "link"));
    expect(headersOf((await (await open("./get.sh"))(join(place, "link"))).stdout)).toEqual({ X: "0" });
  });

  test("and the window itself runs the same one, with the arguments that a shell makes", async () => {
    await script(join(repository, "get.sh"), own());
    process.env["TEAM"] = "a b";
    await open('./get.sh "$TEAM" *.sh');
    const { board } = (await window?.ask({ kind: "check", server: "s" })) ?? {};
    expect(board).toMatchObject([{ server: "s", status: "granted" }]);
    expect(await tokenLength(own())).toBeGreaterThan(10);
  });
});

describe("another script gets no token", () => {
  test.each<[how: string, command: string, link: (() => Promise<void>) | undefined]>([
    [
      "by a link whose name has a backslash",
      String.raw`'d\1/get.sh'`,
      () => symlink(outside, join(repository, String.raw`d\1`)),
    ],
    [
      "by a link in double quotes",
      String.raw`"d\1/get.sh"`,
      () => symlink(outside, join(repository, String.raw`d\1`)),
    ],
    ["by a link of its own", "./get.sh", () => symlink(join(outside, "get.sh"), join(repository, "get.sh"))],
    ["by a link of a folder above it", "./a/get.sh", () => symlink(outside, join(repository, "a"))],
    ["by .. behind a link", "./a/../get.sh", () => symlink(join(outside, "sub"), join(repository, "a"))],
    ["by ..", "../outside/get.sh", undefined],
    ["by .. in quotes", `.'.'/outside/get.sh`, undefined],
    ["by .. in backslashes", String.raw`.\./outside/get.sh`, undefined],
    ["behind an assignment", "X=1 ../outside/get.sh", undefined],
    ["by a pattern", "../out*/get.sh", undefined],
    ["by a variable", '"$HOME/outside/get.sh"', undefined],
    ["by a tilde", "~/outside/get.sh", undefined],
  ])("%s: %s", async (_how, command, link) => {
    await script(join(outside, "get.sh"), stolen());
    await mkdir(join(outside, "sub"));
    await script(join(repository, "d1/get.sh"), own());
    await link?.();
    const ask = await open(command);
    expect(unsendable(await ask(repository))).not.toBe("");
    await window?.ask({ kind: "check", server: "s" });
    expect([existsSync(stolen()), existsSync(own())]).toEqual([false, false]);
  });

  test.each([
    "./get.sh ; :",
    "./get.sh | cat",
    './get.sh "$(../outside/get.sh)"',
    "./get.sh `../outside/get.sh`",
  ])("from the window, where the command is more than one: %s", async (command) => {
    await script(join(repository, "get.sh"), own());
    await script(join(outside, "get.sh"), stolen());
    await open(command);
    await window?.ask({ kind: "check", server: "s" });
    expect([existsSync(stolen()), existsSync(own())]).toEqual([false, false]);
  });

  test.each(["outside", "repository-2", "repository/../outside"])(
    "from a helper in another folder, which gets nothing of the entry: %s",
    async (from) => {
      await script(join(repository, "scripts/get.sh"), own());
      await script(join(place, from, "scripts/get.sh"), stolen());
      const ran = await (await open("./scripts/get.sh"))(join(place, from));
      expect(unsendable(ran)).toContain("Run it in that folder");
      expect([existsSync(stolen()), existsSync(own())]).toEqual([false, false]);
    },
  );

  test("from a helper that reaches another folder by a link in the repository", async () => {
    await script(join(repository, "scripts/get.sh"), own());
    await script(join(outside, "scripts/get.sh"), stolen());
    await symlink(outside, join(repository, "vendor"));
    const ran = await (await open("./scripts/get.sh"))(join(repository, "vendor"));
    expect(unsendable(ran)).toContain("Run it in that folder");
    expect([existsSync(stolen()), existsSync(own())]).toEqual([false, false]);
  });
});
