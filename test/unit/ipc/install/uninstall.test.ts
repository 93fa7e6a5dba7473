import { createServer } from "node:http";
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import { formatEndpoint } from "../../../../src/ipc/endpoint/endpointFile.ts";
import { installLaunchers } from "../../../../src/ipc/install/launchers.ts";
import { uninstallHome } from "../../../../src/ipc/install/uninstall.ts";
import { addressIn, isWindows, needs } from "../../../support/needs.ts";

let base: string;
let home: string;
const socket = (): string => (isWindows ? addressIn(base) : join(home, "run/agent-0123456789abcdef.sock"));

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  home = join(base, "home");
  const dist = join(base, "dist");
  await mkdir(dist);
  await writeFile(join(dist, "helper.cjs"), "main");
  await writeFile(join(dist, "helper-piece-A.cjs"), "piece");
  await installLaunchers({
    home,
    nodePath: "/opt/editor/node",
    helperBundlePath: join(dist, "helper.cjs"),
    templateDirectory: join(import.meta.dirname, "../../../../src/helper"),
    version: "0.1.0",
    platform: "win32",
  });
  await mkdir(join(home, "run"), { mode: 0o700 });
});
afterEach(() => rm(base, { recursive: true, force: true }));

/** As an agent that was killed leaves it, unless somebody listens there. */
const leaveEndpoint = async (): Promise<void> => {
  const record = {
    address: { kind: isWindows ? "pipe" : "socket", path: socket() },
    key: new Secret("k".repeat(43)),
    pid: 1,
    version: "0.1.0",
  } as const;
  await writeFile(join(home, "run/endpoint"), formatEndpoint(record), { mode: 0o600 });
};

const everything = async (): Promise<readonly string[]> =>
  (await readdir(home, { recursive: true }).catch(() => [])).sort();

describe("what is left after Lanyard", () => {
  test("is nothing: the command, the helper, the endpoint of a dead agent, claims, drafts, and the folder go", async () => {
    await leaveEndpoint();
    await writeFile(join(home, "run/lock-0123456789abcdef"), "claim");
    await writeFile(join(home, "run/endpoint.0123456789abcdef"), "draft");
    await writeFile(join(home, "lib/lanyard.cjs.0123456789abcdef"), "draft");
    expect(await uninstallHome(home)).toEqual({ kind: "removed" });
    expect(await readdir(base)).toEqual(["dist"]);
  });

  test("is what somebody else put there, and it is named", async () => {
    await writeFile(join(home, "notes.txt"), "mine");
    await writeFile(join(home, "bin/other"), "mine");
    await writeFile(join(home, "lib/mine.cjs"), "mine");
    await writeFile(join(home, "run/mine"), "mine");
    expect(await uninstallHome(home)).toEqual({ kind: "kept", names: ["bin", "lib", "notes.txt", "run"] });
    expect(await everything()).toEqual(
      ["bin", "bin/other", "lib", "lib/mine.cjs", "notes.txt", "run", "run/mine"].map((path) => join(path)),
    );
  });

  test("is a command of the same name that Lanyard did not write", async () => {
    await writeFile(join(home, "bin/lanyard"), "#!/bin/sh\nexec /opt/acme/lanyard\n");
    expect(await uninstallHome(home)).toEqual({ kind: "kept", names: ["bin"] });
    expect(await everything()).toEqual(["bin", join("bin", "lanyard")]);
  });

  test("is nothing of the history, but for what is not of it", async () => {
    await mkdir(join(home, "history"), { mode: 0o700 });
    for (const name of ["history.jsonl", "history-1700000000000-7.jsonl", "calls.jsonl", "mine.jsonl"])
      await writeFile(join(home, "history", name), "{}\n");
    expect(await uninstallHome(home)).toEqual({ kind: "kept", names: ["history"] });
    expect(await everything()).toEqual(["history", join("history", "mine.jsonl")]);
  });

  test("is not even the home, where nothing but a history is beside it", async () => {
    await mkdir(join(home, "history"), { mode: 0o700 });
    await writeFile(join(home, "history", "history.jsonl"), "{}\n");
    expect(await uninstallHome(home)).toEqual({ kind: "removed" });
    await expect(lstat(home)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is nothing where there was nothing", async () => {
    expect(await uninstallHome(join(base, "never"))).toEqual({ kind: "removed" });
  });

  test("never follows a link out of the folder", needs("links"), async () => {
    const elsewhere = join(base, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, "endpoint"), "somebody's");
    await rm(join(home, "run"), { recursive: true });
    await symlink(elsewhere, join(home, "run"));
    expect(await uninstallHome(home)).toEqual({ kind: "kept", names: ["run"] });
    expect(await readdir(elsewhere)).toEqual(["endpoint"]);
  });
});

test("nothing is touched while an agent of another editor answers", async () => {
  await leaveEndpoint();
  const agent = createServer((_request, response) =>
    response.end(JSON.stringify({ kind: "agent", version: "0.1.0", protocol: 1, pid: 1, leading: true })),
  );
  await once(agent.listen(socket()), "listening");
  if (!isWindows) await chmod(socket(), 0o600);
  const before = await everything();
  try {
    expect(await uninstallHome(home)).toEqual({ kind: "inUse", version: "0.1.0" });
    expect(await everything()).toEqual(before);
  } finally {
    agent.close();
  }
});
