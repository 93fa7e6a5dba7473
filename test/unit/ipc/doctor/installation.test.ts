import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  lookAtDirectory,
  lookAtEndpoint,
  lookAtLauncher,
  lookForAgent,
} from "../../../../src/ipc/doctor/installation.ts";
import { lookThroughLeader } from "../../../../src/ipc/doctor/leader.ts";
import type { Access } from "../../../../src/node/access/accessList.ts";
import { createEndpoint } from "../../../../src/ipc/endpoint/endpoint.ts";
import { installLaunchers } from "../../../../src/ipc/install/launchers.ts";
import { isWindows, needs } from "../../../support/needs.ts";

/** A home of Lanyard's, in every state that a person's may be in. */
let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-installation-"));
  home = join(folder, "home");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const install = async (platform: NodeJS.Platform = "linux", nodePath = process.execPath): Promise<void> => {
  const helperBundlePath = join(folder, "helper.cjs");
  await writeFile(helperBundlePath, "");
  await installLaunchers({
    ...{ home, helperBundlePath, platform, nodePath, version: "1.2.3-test" },
    templateDirectory: join(import.meta.dirname, "../../../../src/helper"),
  });
};

describe("the launcher", () => {
  test("is missing before anything was installed", async () => {
    expect(await lookAtLauncher(home, "linux")).toEqual({ kind: "missing", file: join(home, "bin/lanyard") });
  });

  const isThere = async (platform: NodeJS.Platform): Promise<void> => {
    await install(platform);
    expect(await lookAtLauncher(home, platform)).toMatchObject({
      ...{ kind: "present", version: "1.2.3-test", hasHelper: true },
    });
  };
  test("is there with its version: linux", needs("modes"), () => isThere("linux"));
  test("is there with its version: win32", () => isThere("win32"));

  test("cannot be run", needs("modes"), async () => {
    await install();
    await chmod(join(home, "bin/lanyard"), 0o644);
    expect(await lookAtLauncher(home, "linux")).toMatchObject({ kind: "notExecutable" });
  });

  test("starts an app that macOS has moved for this one start", needs("modes"), async () => {
    const app = "Visual Studio Code.app/Contents/MacOS/Electron";
    await install("darwin", `/private/var/folders/x1/T/AppTranslocation/0A1B/d/${app}`);
    expect(await lookAtLauncher(home, "darwin")).toMatchObject({ isTranslocated: true });
    await install("darwin", `/Applications/${app}`);
    expect(await lookAtLauncher(home, "darwin")).toMatchObject({ isTranslocated: false });
  });

  test("lacks its program", async () => {
    await install(process.platform);
    await rm(join(home, "lib/lanyard.cjs"));
    expect(await lookAtLauncher(home)).toMatchObject({ kind: "present", hasHelper: false });
  });
});

describe("the endpoint and its directory", () => {
  test("are absent before a window has run", async () => {
    expect(await lookAtEndpoint(home)).toMatchObject({ state: "absent" });
    expect(await lookAtDirectory(home)).toMatchObject({ state: "absent" });
    expect(await lookForAgent(home, 1000)).toEqual({ kind: "silent", why: "absent" });
  });

  test("are not believed when they are a link, or open to others", needs("links", "modes"), async () => {
    await mkdir(join(home, "run"), { recursive: true });
    await chmod(join(home, "run"), 0o755);
    await symlink("/dev/null", join(home, "run/endpoint"));
    expect(await lookAtEndpoint(home)).toMatchObject({ state: "unsafe" });
    expect(await lookAtDirectory(home)).toMatchObject({ state: "open" });
    expect(await lookForAgent(home, 1000)).toEqual({ kind: "silent", why: "unsafe" });
  });

  test("are not believed when they are not whole", async () => {
    await mkdir(join(home, "run"), { recursive: true, mode: 0o700 });
    await writeFile(join(home, "run/endpoint"), "half a fi", { mode: 0o600 });
    expect(await lookAtEndpoint(home)).toMatchObject({ state: "unsafe" });
    const lists = isWindows ? ({ kind: "private" } as const) : undefined;
    expect(await lookAtDirectory(home, () => Promise.resolve(lists))).toMatchObject({ state: "fine" });
    expect(await lookForAgent(home, 1000)).toEqual({ kind: "silent", why: "broken" });
  });

  test("lead to the window that answers, which says what it sees; to nothing where there is none", async () => {
    expect(await lookThroughLeader(home, 1000)).toEqual([]);
    const endpoint = await createEndpoint({ home, version: "0.1.0", probe: () => Promise.resolve("live") });
    const finding = {
      check: "secret storage",
      verdict: "failed",
      finding: "It is shut.",
      remedy: "Open it.",
    };
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify({ findings: [finding, { check: "of a later version" }] }));
    });
    await new Promise<void>((resolve) => server.listen(endpoint.record.address.path, resolve));
    await endpoint.publish();
    const looks = [{ kind: "private" }, { kind: "open", others: ["WD"] }, { kind: "unknown" }] as const;
    const seen = looks.map(async (access) => {
      const look = (): Promise<Access> => Promise.resolve(access);
      return [(await lookAtEndpoint(home, look)).state, (await lookAtDirectory(home, look)).state];
    });
    expect(await Promise.all(seen)).toEqual([
      ["fine", "fine"],
      ["unsafe", "openByList"],
      ["unseen", "unseen"],
    ]);
    expect(await lookThroughLeader(home, 5000)).toEqual([finding]);
    expect(asked).toEqual(["/v1/doctor"]);
    await new Promise((resolve) => server.close(resolve));
  });
});
