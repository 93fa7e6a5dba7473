import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { guardedFileOf } from "../../../src/ipc/install/guardedNames.ts";
import { claude, headersOf } from "../contract.ts";
import { install, run, type Ran } from "../support.ts";
import { needs } from "../../support/needs.ts";

vi.setConfig({ testTimeout: 60_000 });

/** What it says is asked by a stand-in for the helper, so that the batch file alone is looked at. */
const helper = `console.log(JSON.stringify({ args: process.argv.slice(2), home: require("path").resolve(process.env.LANYARD_HOME), options: process.env.LANYARD_NODE_OPTIONS ?? "" }))`;

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const installed = async (home: string, text = helper, nodePath = process.execPath): Promise<string> => {
  await writeFile(join(base, "helper.cjs"), text);
  await mkdir(home, { recursive: true });
  await install(home, join(base, "helper.cjs"), { nodePath });
  return join(home, "bin", "lanyard");
};

/** A line as it stands in `headersHelper`, run as Claude Code runs it. */
const inCmd = (
  line: string,
  env: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<Ran> => {
  const cmd = process.env["ComSpec"] ?? "cmd.exe";
  return run([cmd, "/d", ...options, "/s", "/c", `"${line}"`], { env, cwd: base, isVerbatim: true });
};

const asClaude = claude("ready");

describe("launcher.cmd", needs("windows"), () => {
  const homes = ["plain", "Ada Lovelace", "a & b", "a ^ (b)", "Müller", "wow!", "it's; a=b, c"];

  test.each(homes)("works in a home named %s", async (name) => {
    const home = join(base, name);
    await installed(home);
    const ran = await inCmd(String.raw`"%USERPROFILE%\bin\lanyard" headers`, {
      ...asClaude,
      USERPROFILE: home,
    });
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ args: ["headers"], home });
  });

  test.each(["100% ours", "%PATH%"])(
    "works or refuses in a home named %j: Wine reads per cent signs twice",
    async (name) => {
      const home = join(base, name);
      await installed(home);
      const ran = await inCmd(String.raw`"%USERPROFILE%\bin\lanyard" headers`, {
        ...asClaude,
        USERPROFILE: home,
      });
      expect(ran.exitCode).toBe(0);
      const said: unknown = JSON.parse(ran.stdout);
      if (ran.stderr === "") expect(said).toMatchObject({ args: ["headers"], home });
      else expect(() => new Headers(headersOf(ran.stdout))).toThrow(TypeError);
    },
  );

  test("takes no exclamation mark out of a path where the shell expands late", async () => {
    const ran = await inCmd(`"${await installed(join(base, "wow!"))}" headers "a!b"`, asClaude, ["/v:on"]);
    expect(ran.exitCode).toBe(0);
  });

  test.each(['"a & b"', '"a ^ b"', '"100% of %PATH"', '"wow!"', "Müller", '"(a)"', "--server=a,b;c"])(
    "passes on the argument %s",
    async (word) => {
      const { stdout } = await inCmd(`"${await installed(join(base, "home"))}" headers -- ${word}`);
      expect(JSON.parse(stdout)).toMatchObject({ args: ["headers", "--", word.replaceAll('"', "")] });
    },
  );

  test("passes NODE_OPTIONS on to the script, whatever stands in it, and does not heed it", async () => {
    const options = '--no-such-option="a & b!"';
    const ran = await inCmd(`"${await installed(join(base, "home"))}" headers`, { NODE_OPTIONS: options });
    expect(JSON.parse(ran.stdout)).toMatchObject({ options });
  });

  test("names its version without Node", async () => {
    const lanyard = await installed(join(base, "home"), helper, join(base, "nowhere.exe"));
    expect(await inCmd(`"${lanyard}" --version`)).toMatchObject({
      exitCode: 0,
      stdout: "lanyard 0.0.0-test\r\n",
    });
  });

  const faults: readonly (readonly [string, string, string | undefined])[] = [
    ["Node is missing", helper, "nowhere.exe"],
    ["the helper breaks", "throw new Error('broken')", undefined],
    ["the helper is no script", "%%% {", undefined],
    ["the helper says no and ends with it", "process.exit(4)", undefined],
  ];

  describe.each(faults)("%s", (_what, text, node) => {
    const at = (): Promise<string> => installed(join(base, "home"), text, node && join(base, node));

    test("Claude Code gets something that it cannot send, and what stands in for each guard", async () => {
      const lanyard = await at();
      await writeFile(guardedFileOf(join(base, "home")), "Authorization\nX-API-Key\n");
      const ran = await inCmd(`"${lanyard}" headers`, asClaude);
      expect(ran.exitCode).toBe(0);
      const [[name, value] = ["", "?"], ...others] = Object.entries(headersOf(ran.stdout));
      expect(() => new Headers({ [name]: value })).toThrow(TypeError);
      expect(others.toSorted()).toEqual([
        ["Authorization", "nothing-to-send"],
        ["X-API-Key", "nothing-to-send"],
      ]);
    });

    test("a person gets an exit code and nothing that looks like headers", async () => {
      const ran = await inCmd(`"${await at()}" headers`);
      expect(ran.stdout).toBe("");
      expect(ran.exitCode).not.toBe(0);
      expect(await inCmd(`"${await at()}" token`, asClaude)).toMatchObject({ stdout: "" });
    });
  });

  test("the helper is gone", async () => {
    const lanyard = await installed(join(base, "home"));
    await rm(join(base, "home", "lib", "lanyard.cjs"));
    const ran = await inCmd(`"${lanyard}" headers`, asClaude);
    expect(ran.exitCode).toBe(0);
    expect(() => new Headers(headersOf(ran.stdout))).toThrow(TypeError);
  });

  test("replaced by an update while it runs, it says what it said", async () => {
    const update = `require("fs").writeFileSync(require("path").join(process.env.LANYARD_HOME, "bin", "lanyard.cmd"), "@echo updated\\r\\n".repeat(400));`;
    const ran = await inCmd(`"${await installed(join(base, "home"), update + helper)}" headers`, asClaude);
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ args: ["headers"] });
    expect(await readFile(join(base, "home", "bin", "lanyard.cmd"), "utf8")).toContain("updated");
  });
});
