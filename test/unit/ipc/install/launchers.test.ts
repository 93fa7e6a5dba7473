import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  installLaunchers,
  uninstallLaunchers,
  type LauncherOptions,
} from "../../../../src/ipc/install/launchers.ts";
import { needs } from "../../../support/needs.ts";

let base: string;
let home: string;
let dist: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  home = join(base, "home");
  dist = join(base, "dist");
  await mkdir(dist);
  await writeFile(join(dist, "helper.cjs"), "main");
  await writeFile(join(dist, "helper-piece-A.cjs"), "piece");
  await writeFile(join(dist, "extension.cjs"), "not ours");
});

afterEach(() => rm(base, { recursive: true, force: true }));

const install = (over: Partial<LauncherOptions> = {}): Promise<readonly string[]> =>
  installLaunchers({
    home,
    nodePath: "/opt/editor/node",
    helperBundlePath: join(dist, "helper.cjs"),
    templateDirectory: join(import.meta.dirname, "../../../../src/helper"),
    version: "0.1.0",
    platform: "linux",
    ...over,
  });

const launcher = (): Promise<string> => readFile(join(home, "bin/lanyard"), "utf8");
const modeOf = async (...path: string[]): Promise<number> => (await stat(join(home, ...path))).mode & 0o777;

describe("installing the command", () => {
  test(
    "writes the launcher, and the helper with its pieces, for this user (modes)",
    needs("modes"),
    async () => {
      await install();
      expect((await readdir(join(home, "lib"))).sort()).toEqual(["helper-piece-A.cjs", "lanyard.cjs"]);
      expect(await readdir(join(home, "bin"))).toEqual(["lanyard"]);
      expect(await modeOf("bin", "lanyard")).toBe(0o755);
      expect([await modeOf(), await modeOf("bin"), await modeOf("lib")]).toEqual([0o700, 0o700, 0o700]);
    },
  );

  test("fills every place of the template", async () => {
    await install();
    expect(await launcher()).not.toMatch(/@[A-Z]+@/);
    expect(await launcher()).toContain("version 0.1.0.");
  });

  test("a second time changes nothing", async () => {
    expect(await install()).toHaveLength(3);
    const before = await stat(join(home, "bin/lanyard"));
    expect(await install()).toEqual([]);
    expect((await stat(join(home, "bin/lanyard"))).ino).toBe(before.ino);
  });

  test("of another version replaces what differs, and drops the pieces that it no longer has", async () => {
    await install();
    await rm(join(dist, "helper-piece-A.cjs"));
    await writeFile(join(dist, "helper-piece-B.cjs"), "piece");
    await install({ version: "0.2.0", nodePath: "/opt/editor-2/node" });
    expect((await readdir(join(home, "lib"))).sort()).toEqual(["helper-piece-B.cjs", "lanyard.cjs"]);
    expect(await launcher()).toContain("'/opt/editor-2/node'");
  });

  test("mends what was changed: text and mode", needs("modes"), async () => {
    await install();
    await writeFile(join(home, "bin/lanyard"), "exit 0");
    await install();
    expect(await launcher()).toContain("#!/bin/sh");
    await chmod(join(home, "bin/lanyard"), 0o644);
    await install();
    expect(await modeOf("bin", "lanyard")).toBe(0o755);
  });

  test("on Windows there is a batch file too, with Windows' line ends", async () => {
    await install({ platform: "win32", home, nodePath: String.raw`C:\100% Editor\Code.exe` });
    const batch = await readFile(join(home, "bin/lanyard.cmd"), "utf8");
    expect(batch).toContain(String.raw`set "LANYARD_NODE=C:\100%% Editor\Code.exe"`);
    expect(batch.replaceAll("\r\n", "")).not.toContain("\n");
    expect(batch).toMatch(/^[\x00-\x7f]*$/);
  });

  test("in a home that others can write in is refused (modes)", needs("modes"), async () => {
    await mkdir(home);
    await chmod(home, 0o777);
    await expect(install()).rejects.toMatchObject({ code: "endpointUnsafe" });
    expect(await readdir(home)).toEqual([]);
  });
});

describe("removing the command", () => {
  test("leaves nothing", async () => {
    await install();
    await uninstallLaunchers(home);
    expect(await readdir(base)).toEqual(["dist"]);
  });

  test("leaves what is not Lanyard's", async () => {
    await install();
    await writeFile(join(home, "bin/mine"), "");
    await uninstallLaunchers(home);
    expect(await readdir(join(home, "bin"))).toEqual(["mine"]);
  });

  test("where there is none does nothing", async () => {
    await uninstallLaunchers(home);
    expect(await readdir(base)).toEqual(["dist"]);
  });
});
