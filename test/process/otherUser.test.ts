/**
 * What another user of the machine can do to Lanyard: nothing. Runs where the tests run as root, who alone can act as
 * somebody else; visibly skipped elsewhere.
 */
import { execFileSync } from "node:child_process";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEndpoint, type Endpoint } from "../../src/ipc/endpoint/endpoint.ts";
import { endpointFileOf, parseEndpoint, runDirectoryOf } from "../../src/ipc/endpoint/endpointFile.ts";
import { claude, unsendable, withCurl } from "./contract.ts";
import {
  asSh,
  buildHelper,
  install,
  run,
  shells,
  startAgentProcess,
  type AgentProcess,
  type Ran,
} from "./support.ts";

const isRoot = process.getuid?.() === 0;
const nobody = isRoot ? Number(execFileSync("id", ["-u", "nobody"], { encoding: "utf8" })) : 0;

/** Runs a line of JavaScript as somebody; its `args` are `process.argv[1]` and on. */
const as = (uid: number, script: string, ...args: readonly string[]): Promise<Ran> =>
  run([process.execPath, "-e", script, ...args], { uid, cwd: "/", env: { PATH: withCurl } });

const connecting = `require("node:net").connect(process.argv[1])
  .on("connect", () => { console.log("connected"); process.exit(); })
  .on("error", ({ code }) => { console.log(code); process.exit(); });`;

const fs = (call: string): string =>
  `try { console.log(String(require("node:fs").${call})); } catch ({ code }) { console.log(code); }`;
const reading = fs("readFileSync(process.argv[1])");
const listing = fs("readdirSync(process.argv[1])");
const unlinking = fs("rmSync(process.argv[1])");
const renaming = fs("renameSync(process.argv[1], process.argv[2])");

let base: string;

/** A folder in which everybody may make things, as `/tmp` is. */
const sharedFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "shared-"));
  await chmod(folder, 0o1777);
  return folder;
};

describe.skipIf(!isRoot)("while an agent runs, another user", () => {
  let home: string;
  let agent: AgentProcess;
  let socket: string;
  let key: string;

  beforeAll(async () => {
    base = await sharedFolder();
    home = join(base, "home");
    agent = await startAgentProcess(home);
    const record = parseEndpoint(await readFile(endpointFileOf(home), "utf8"));
    if (record === undefined) throw new Error("The agent has no endpoint.");
    socket = record.address.path;
    key = record.key.reveal();
  });

  afterAll(async () => {
    await agent.stop();
    await rm(base, { recursive: true, force: true });
  });

  test("cannot connect to the socket, whose own user can", async () => {
    expect((await as(nobody, connecting, socket)).stdout.trim()).toBe("EACCES");
    expect((await as(0, connecting, socket)).stdout.trim()).toBe("connected");
  });

  test("cannot read the endpoint file, in which its own user finds the key", async () => {
    expect((await as(nobody, reading, endpointFileOf(home))).stdout.trim()).toBe("EACCES");
    expect((await as(0, reading, endpointFileOf(home))).stdout).toContain(key);
  });

  test("cannot even see what is there, take it away or put something in its place", async () => {
    const run = runDirectoryOf(home);
    expect((await as(nobody, listing, run)).stdout.trim()).toBe("EACCES");
    expect((await as(nobody, unlinking, endpointFileOf(home))).stdout.trim()).toBe("EACCES");
    expect((await as(nobody, renaming, home, join(base, "mine"))).stdout.trim()).toMatch(
      /^(?:EPERM|EACCES)$/,
    );
    expect((await as(0, listing, run)).stdout).toContain("endpoint");
  });

  test("is kept from both by the files themselves too, should the folders be opened", async () => {
    await chmod(home, 0o755);
    await chmod(runDirectoryOf(home), 0o755);
    expect((await as(nobody, connecting, socket)).stdout.trim()).toBe("EACCES");
    expect((await as(nobody, reading, endpointFileOf(home))).stdout.trim()).toBe("EACCES");
    await chmod(runDirectoryOf(home), 0o700);
    await chmod(home, 0o700);
  });
});

describe.skipIf(!isRoot)("what another user made beforehand", () => {
  let home: string;

  const create = (more: Partial<Parameters<typeof createEndpoint>[0]> = {}): Promise<Endpoint> =>
    createEndpoint({ home, version: "0.0.0-test", probe: () => Promise.resolve("live"), ...more });

  /** Makes things as the other user, with a shell. */
  const prepare = async (script: string): Promise<void> => {
    const ran = await run(["/bin/sh", "-ec", `umask 0; ${script}`], {
      uid: nobody,
      cwd: base,
      env: { PATH: withCurl, HOME_TO_BE: home },
    });
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
  };

  beforeEach(async () => {
    base = await sharedFolder();
    home = join(base, "home");
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const refusal = (what: RegExp): object => ({
    code: "endpointUnsafe",
    message: expect.stringMatching(what) as string,
  });

  test.each([
    ["the home", 'mkdir -m 700 "$HOME_TO_BE"', /home belongs to another user/],
    ["the home, open to all", 'mkdir -m 777 "$HOME_TO_BE"', /home belongs to another user/],
    ["a link to a folder of theirs", 'mkdir mine; ln -s mine "$HOME_TO_BE"', /home belongs to another user/],
    [
      "a whole home with an endpoint",
      'mkdir -p "$HOME_TO_BE/run"; echo trap >"$HOME_TO_BE/run/endpoint"',
      /home belongs to another user/,
    ],
  ])("%s: no agent starts there", async (_what, script, told) => {
    await prepare(script);
    await expect(create()).rejects.toMatchObject(refusal(told));
  });

  test("in a home that is open to all: no agent starts there", async () => {
    await mkdir(home);
    await chmod(home, 0o777);
    await prepare('mkdir -m 700 "$HOME_TO_BE/run"');
    await expect(create()).rejects.toMatchObject(refusal(/home is open to other users/));
    await chmod(home, 0o755);
    await expect(create()).rejects.toMatchObject(refusal(/run belongs to another user/));
  });

  test.each([
    ["a file", 'umask 077; echo trap >"$HOME_TO_BE/run/endpoint"', /endpoint belongs to another user/],
    ["a link", 'echo trap >mine; ln -s "$PWD/mine" "$HOME_TO_BE/run/endpoint"', /endpoint is a link/],
  ])("the endpoint as %s: nothing is published there", async (_what, script, told) => {
    await mkdir(runDirectoryOf(home), { recursive: true });
    await chmod(runDirectoryOf(home), 0o777);
    await prepare(script);
    await chmod(runDirectoryOf(home), 0o700);
    const endpoint = await create({ platform: "win32" });
    await expect(endpoint.publish()).rejects.toMatchObject(refusal(told));
  });

  test("the socket: an agent's own has a name that nobody can guess", async () => {
    await mkdir(runDirectoryOf(home), { recursive: true, mode: 0o700 });
    const [one, other] = [await create(), await create()];
    expect(basename(one.record.address.path)).toMatch(/^agent-[0-9a-f]{16}\.sock$/);
    expect(one.record.address.path).not.toBe(other.record.address.path);
  });

  test("an endpoint that leads to their socket: no helper believes it", async () => {
    const bundle = await buildHelper(base);
    await install(home, bundle);
    await mkdir(runDirectoryOf(home));
    await chmod(home, 0o755);
    await chmod(runDirectoryOf(home), 0o777);
    await prepare(
      [
        `printf '%s\\n' '# protocol = 1' '# pid = 1' '# version = "1"' "unix-socket = \\"$PWD/theirs\\""`,
        `'header = "Authorization: Bearer ${"k".repeat(43)}"' >"$HOME_TO_BE/run/endpoint"`,
        `chmod 600 "$HOME_TO_BE/run/endpoint"`,
      ].join(" "),
    );
    const env = { PATH: withCurl, LANYARD_HOME: home, ...claude("ready") };
    for (const program of [[join(home, "bin/lanyard")], [process.execPath, join(home, "lib/lanyard.cjs")]]) {
      expect(unsendable(await run([...program, "headers"], { env, cwd: "/" }))).toContain("is not yours");
    }
  });

  describe("where a socket goes when its path would be too long", () => {
    beforeEach(async () => {
      home = join(base, "h".repeat(120));
      await mkdir(home, { mode: 0o700 });
    });

    test("folders of that kind are avoided: the agent makes one of its own", async () => {
      await prepare("for n in a b c; do mkdir -m 777 lanyard-$n$n$n$n$n$n; done; ln -s / lanyard-dddddd");
      const endpoint = await create({ shortDirectories: [base] });
      const made = await lstat(dirname(endpoint.record.address.path));
      expect([made.isDirectory(), made.uid, made.mode & 0o777]).toEqual([true, 0, 0o700]);
    });

    test.each([
      ["is theirs", "mkdir -m 777 theirs"],
      ["is theirs, sticky or not", "mkdir -m 1777 theirs"],
      ["is a link of theirs", 'mkdir mine; ln -s "$PWD/mine" theirs'],
    ])("a place that %s is passed over: they could swap what lies in it", async (_what, script) => {
      await prepare(script);
      const theirs = join(base, "theirs");
      const endpoint = await create({ shortDirectories: [theirs, base] });
      expect(dirname(dirname(endpoint.record.address.path))).toBe(base);
      await expect(create({ shortDirectories: [theirs] })).rejects.toMatchObject(refusal(/no shorter place/));
    });

    test("a place in which everybody may rename everything is passed over", async () => {
      await chmod(base, 0o777);
      await expect(create({ shortDirectories: [base] })).rejects.toMatchObject(refusal(/no shorter place/));
    });
  });
});

/** An AppImage's editor lies where it is mounted; once it has ended, anybody may make that folder. */
describe.skipIf(!isRoot).each(shells)("%s, where the editor's own place has gone", (shell) => {
  let home: string;
  let place: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "lanyard-gone-"));
    home = join(base, "home");
    place = await mkdtemp("/tmp/.mount_lanyard-");
  });
  afterEach(async () => {
    for (const folder of [base, place]) await rm(folder, { recursive: true, force: true });
  });

  /** A program that says in the home that it ran, and answers well. */
  const remember = async (folder: string): Promise<void> => {
    await mkdir(join(folder, "usr"), { recursive: true });
    const text = `#!/bin/sh\n: >"${base}/ran"\necho '{"Authorization":"Bearer theirs"}'\n`;
    await writeFile(join(folder, "usr/code"), text, { mode: 0o755 });
    await install(home, await buildHelper(base), { nodePath: join(place, "usr/code") });
  };
  const calls = async (): Promise<readonly [bridge: Ran, scripted: Ran]> => {
    const command = [...asSh(shell), join(home, "bin/lanyard")];
    const env = { PATH: "/nowhere", LANYARD_HOME: home };
    return [
      await run([...command, "bridge", "ready"], { env }),
      await run([...command, "headers", "--elsewhere"], { env: { ...env, ...claude("ready") } }),
    ];
  };

  test("nothing that another user has made there is started", async () => {
    await remember(place);
    for (const each of [place, join(place, "usr"), join(place, "usr/code")])
      await chown(each, nobody, nobody);
    const [bridge, scripted] = await calls();
    expect(await readdir(base)).not.toContain("ran");
    expect(bridge).toMatchObject({ exitCode: 3, stdout: "" });
    expect(unsendable(scripted)).toContain("editor that installed it");
  });

  test("nor what a link of theirs leads to", async () => {
    await rm(place, { recursive: true });
    await remember(join(base, "mine"));
    await symlink(join(base, "mine"), place);
    await calls();
    expect(await readdir(base)).not.toContain("ran");
  });

  test("the editor's own is", async () => {
    await remember(place);
    const [, scripted] = await calls();
    expect(await readdir(base)).toContain("ran");
    expect(scripted.stdout).toContain("Bearer theirs");
  });
});
