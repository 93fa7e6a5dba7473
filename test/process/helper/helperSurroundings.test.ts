import { existsSync } from "node:fs";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { endpointFileOf } from "../../../src/ipc/endpoint/endpointFile.ts";
import { vaultCredential } from "../acme.ts";
import { claude, headersOf, unsendable, withCurl, type Env } from "../contract.ts";
import { openHomes, type Homes } from "../homes.ts";
import { asSh, install, missingShells, pretendOverHttp, run, shells, type Ran } from "../support.ts";

vi.setConfig({ testTimeout: 30_000 });

/** The launcher in surroundings that it did not choose: the caller's shell, another curl, a home that others can write. */
let homes: Homes;
let folder: string;
let home: string;
let bundle: string;

beforeAll(async () => {
  homes = await openHomes();
  ({ folder, home, bundle } = homes);
});

afterAll(() => homes.close());

const ask = (shell: string, env: Env, at = home): Promise<Ran> =>
  run([...asSh(shell), join(at, "bin/lanyard"), "headers"], {
    env: { PATH: withCurl, LANYARD_HOME: at, ...claude("ready"), ...env },
    cwd: at,
  });
const granted = { Authorization: vaultCredential };

/** A folder with a program of that name, for the front of a PATH. */
const shadowing = async (name: string, script: string): Promise<string> => {
  const bin = await mkdtemp(join(folder, "bin-"));
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return bin;
};

describe("every shell that is somebody's sh", () => {
  // A named skip where somebody tests at home, and on systems that do not have them all; else a failure.
  const areToBeHere = process.env["CI"] !== undefined && process.platform === "linux";
  test.skipIf(!areToBeHere && missingShells.length > 0)(
    `is here${missingShells.length === 0 ? "" : `, but for ${missingShells.join(", ")}`}`,
    () => {
      expect(missingShells).toEqual([]);
    },
  );
});

describe.runIf(existsSync("/bin/bash"))("what a caller's bash has exported", () => {
  const options = [
    ...["errexit", "xtrace", "nounset", "noglob", "allexport", "noclobber", "keyword", "verbose", "pipefail"],
    ...["physical", "monitor", "notify", "privileged", "ignoreeof", "braceexpand:history:histexpand"],
    "errexit:nounset:pipefail:xtrace",
  ];

  test.each(options)("SHELLOPTS=%s: the credential is printed, and nowhere else", async (SHELLOPTS) => {
    const ran = await ask("/bin/bash", { SHELLOPTS });
    expect(headersOf(ran.stdout)).toEqual(granted);
    expect(ran.stderr).not.toContain(vaultCredential);
  });

  test.each(["errexit", "errexit:xtrace", "nounset"])("SHELLOPTS=%s: so is a refusal", async (SHELLOPTS) => {
    const quiet = await mkdtemp(join(folder, "quiet-"));
    const ran = await ask("/bin/bash", { SHELLOPTS, LANYARD_HOME: quiet, LANYARD_DEADLINE_SECONDS: "2" });
    expect(unsendable({ ...ran, stderr: "" })).toContain("not running");
  });

  test.each(["failglob:nullglob", "nocasematch:extglob", "xpg_echo"])("BASHOPTS=%s", async (BASHOPTS) => {
    expect(headersOf((await ask("/bin/bash", { BASHOPTS })).stdout)).toEqual(granted);
  });

  test.each(["printf", "read", "command", "sleep", "ls", "wait", "kill"])("a function %s", async (name) => {
    const ran = await ask("/bin/bash", { [`BASH_FUNC_${name}%%`]: "() { echo hijacked; return 1; }" });
    expect(headersOf(ran.stdout)).toEqual(granted);
  });
});

describe.each(shells)("%s, when curl cannot do it", (shell) => {
  const with_ = async (script: string): Promise<Ran> =>
    ask(shell, { PATH: `${await shadowing("curl", script)}:${withCurl}` });

  test.each([1, 2, 4, 6, 26, 43, 127, 134])("and ends with %i, the Node helper does", async (code) => {
    expect(headersOf((await with_(`exit ${code}`)).stdout)).toEqual(granted);
  });

  test.each([
    ["says something and ends well", "echo 'No version is set for curl'"],
    ["says nothing and ends well", "exit 0"],
    ["is ended by a signal", "kill -9 $$"],
    ["cannot be started", "#!/nowhere"],
  ])("and %s, the Node helper does", async (_what, script) => {
    expect(headersOf((await with_(script)).stdout)).toEqual(granted);
  });

  test("because it knows no Unix sockets, it is not let ask the network", async () => {
    const asked = join(folder, "asked");
    const old = `for a; do case $a in --unix-socket*) exit 2 ;; esac; done; echo "$@" >"${asked.replaceAll(/["$]/g, "\\$&")}"; printf '0\\n{"Authorization":"from the network"}\\n200 0.1'`;
    expect(headersOf((await with_(old)).stdout)).toEqual(granted);
    expect(existsSync(asked)).toBe(false);
  });

  test("it reads the file that another window has just put in the place of the one that was looked at", async () => {
    // A path that curl's file holds as it is: the shell leaves others to the Node helper.
    const at = await mkdtemp(join(tmpdir(), "handed-over-"));
    const replacing = `mv "$LANYARD_HOME/next" "$LANYARD_HOME/run/endpoint" 2>/dev/null; exec /usr/bin/curl "$@"`;
    await install(at, bundle, { curlPath: join(await shadowing("curl", replacing), "curl") });
    // It lives, leads no more, and knows its own key alone.
    const former = await pretendOverHttp(at, (_request, response) => void response.writeHead(401).end());
    await copyFile(endpointFileOf(home), join(at, "next"));
    expect(headersOf((await ask(shell, {}, at)).stdout)).toEqual(granted);
    await former.close();
    await rm(at, { recursive: true });
  });

  test("the one that was there at the writing comes before the PATH's", async () => {
    const at = await mkdtemp(join(folder, "known-"));
    await chmod(at, 0o700);
    const first = await shadowing("curl", "exit 7");
    const env = { PATH: `${first}:${withCurl}`, LANYARD_DEADLINE_SECONDS: "4" };
    await install(at, bundle, { curlPath: "/usr/bin/curl" });
    await mkdir(join(at, "run"), { mode: 0o700 });
    await copyFile(endpointFileOf(home), endpointFileOf(at));
    expect(headersOf((await ask(shell, env, at)).stdout)).toEqual(granted);
  });
});

describe.each(shells)("%s, when the program behind it hangs", (shell) => {
  test("it is ended, and the refusal still comes in time", async () => {
    const at = await mkdtemp(join(folder, "hung-"));
    const nodePath = join(await shadowing("node", "exec sleep 30"), "node");
    await install(at, bundle, { nodePath });
    await mkdir(join(at, "run"), { mode: 0o700 });
    await writeFile(endpointFileOf(at), 'pipe = "x"\n', { mode: 0o600 });
    const ran = await ask(shell, { LANYARD_DEADLINE_SECONDS: "1" }, at);
    expect(unsendable(ran)).toContain("did not answer in time");
    expect(ran.tookMs).toBeLessThan(6000);
  });
});

describe.each(shells)("%s, where others can write", (shell) => {
  const node = (at: string): Promise<Ran> =>
    run([process.execPath, join(at, "lib/lanyard.cjs"), "headers"], {
      env: { PATH: withCurl, LANYARD_HOME: at, ...claude("ready") },
      cwd: at,
    });
  /** A home whose endpoint would have curl write a file. */
  const prepared = async (): Promise<{ at: string; written: string }> => {
    const at = await mkdtemp(join(folder, "open-"));
    const written = join(at, "written");
    await install(at, bundle);
    await mkdir(join(at, "run"), { mode: 0o700 });
    const text = `unix-socket = "/nowhere"\nurl = "file:///etc/hostname"\noutput = ${JSON.stringify(written)}\n`;
    await writeFile(endpointFileOf(at), text, { mode: 0o600 });
    return { at, written };
  };
  const elsewhere = async (at: string): Promise<void> => {
    await rename(join(at, "run"), join(at, "other"));
    await symlink("other", join(at, "run"));
  };

  test.each<[string, (at: string) => Promise<void>]>([
    ["an endpoint file that others may read", (at) => chmod(endpointFileOf(at), 0o644)],
    ["an endpoint file that others may write", (at) => chmod(endpointFileOf(at), 0o622)],
    ["a folder that others may enter", (at) => chmod(join(at, "run"), 0o711)],
    ["a folder that others may write", (at) => chmod(join(at, "run"), 0o777)],
    ["a folder that is a link", elsewhere],
    ["a home that others may write", (at) => chmod(at, 0o777)],
    ["a home that its group may write", (at) => chmod(at, 0o770)],
  ])("%s is not believed, by the shell nor by the Node helper", async (_what, open) => {
    const { at, written } = await prepared();
    await open(at);
    expect(unsendable(await ask(shell, {}, at))).toContain("cannot be read or is not yours");
    expect(unsendable(await node(at))).toContain("cannot be read or is not yours");
    expect(existsSync(written)).toBe(false);
    await rm(at, { recursive: true });
  });

  test("a home that others may read is", async () => {
    const { mode } = await stat(home);
    await chmod(home, 0o755);
    expect(headersOf((await ask(shell, {})).stdout)).toEqual(granted);
    await chmod(home, mode & 0o777);
  });
});

describe.each(shells)("%s, what it prints beside a refusal", (shell) => {
  test("stands in for every guard that this person's entries have", async () => {
    const at = await mkdtemp(join(folder, "guarded-"));
    await install(at, bundle);
    await writeFile(join(at, "guarded"), 'X-API-Key\nAuthorization\n"odd":"1"\nX.Team', { mode: 0o600 });
    const { stdout } = await ask(shell, { LANYARD_DEADLINE_SECONDS: "2" }, at);
    const [[reason] = [""], ...others] = Object.entries(headersOf(stdout));
    expect(reason).toContain("Lanyard is not running");
    expect(Object.fromEntries(others)).toEqual({
      Authorization: "nothing-to-send",
      "X-API-Key": "nothing-to-send",
      "X.Team": "nothing-to-send",
    });
    const node = await run([process.execPath, join(at, "lib/lanyard.cjs"), "headers"], {
      env: { PATH: withCurl, LANYARD_HOME: at, LANYARD_DEADLINE_SECONDS: "2", ...claude("ready") },
      cwd: at,
    });
    expect(headersOf(node.stdout)).toEqual(headersOf(stdout));
  });
});

test("the launcher says its version to a person, and to nobody else", async () => {
  const env = { PATH: withCurl, LANYARD_HOME: home };
  const command = [join(home, "bin/lanyard"), "--version"];
  expect(await run(command, { env })).toMatchObject({ exitCode: 0, stdout: "lanyard 0.0.0-test\n" });
  unsendable(await run(command, { env: { ...env, ...claude("ready") } }));
  expect(await readFile(join(home, "bin/lanyard"), "utf8")).not.toMatch(/@[A-Z]+@/);
});
