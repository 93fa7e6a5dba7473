import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { endpointFileOf, formatEndpoint, runDirectoryOf } from "../../../src/ipc/endpoint/endpointFile.ts";
import { claude, headersOf, unsendable, withCurl } from "../contract.ts";
import { asSh, install, run, shells, type Ran } from "../support.ts";

/**
 * The `sh` launcher where Git Bash runs it: a system that calls itself MINGW64, has a curl, and whose agent listens at a
 * pipe. What stands for Node says who started it; what stands for curl, that it was started at all.
 */
let folder: string;
let home: string;
let programs: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-git-bash-"));
  [home, programs] = [join(folder, "home"), join(folder, "programs")];
  await mkdir(programs);
  await writeFile(join(folder, "helper.cjs"), "");
  await program("uname", "echo MINGW64_NT-10.0-22631");
  await program(
    "curl",
    `echo "$@" >>"${folder}/curl"; printf '0\\n{"Authorization":"from the network"}\\n200 0.1'`,
  );
  await program("node", `echo "$*" >"${folder}/node"; printf '{"Authorization":"by Node"}\\n'`);
  const [nodePath, curlPath] = [join(programs, "node"), join(programs, "curl")];
  await install(home, join(folder, "helper.cjs"), { nodePath, curlPath });
});
afterEach(() => rm(folder, { recursive: true }));

const program = (name: string, script: string): Promise<void> =>
  writeFile(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

const endpoint = async (text: string, mode = 0o644): Promise<void> => {
  // Git Bash shows such modes for whatever lies on NTFS.
  await mkdir(runDirectoryOf(home), { mode: 0o755 });
  await writeFile(endpointFileOf(home), text, { mode });
};
const pipe = formatEndpoint({
  address: { kind: "pipe", path: String.raw`\\.\pipe\lanyard-0123456789abcdef` },
  ...{ key: new Secret("k".repeat(43)), pid: 4711, version: "1.2.3" },
});

const ask = (shell: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> =>
  run([...asSh(shell), join(home, "bin/lanyard"), ...args], {
    env: { PATH: `${programs}:${withCurl}`, LANYARD_HOME: home, LANYARD_DEADLINE_SECONDS: "2", ...env },
    cwd: folder,
  });

describe.each(shells)("%s as Git Bash", (shell) => {
  test.each([
    ["Claude Code's headers", ["headers"], claude("ready")],
    ["a person's headers", ["headers", "--server=ready"], {}],
    ["a token", ["token"], {}],
    ["the status", ["status"], {}],
    ["a script", ["headers", "--", "./get.sh"], claude("ready")],
  ])("asks Node for %s, and never curl", async (_what, args, env) => {
    await endpoint(pipe);
    expect(headersOf((await ask(shell, args, env)).stdout)).toEqual({ Authorization: "by Node" });
    expect(await readFile(join(folder, "node"), "utf8")).toContain(`lib/lanyard.cjs ${args.join(" ")}`);
    expect(existsSync(join(folder, "curl"))).toBe(false);
  });

  test("refuses where no window runs, and asks nobody", async () => {
    expect(unsendable(await ask(shell, ["headers"], claude("ready")))).toContain("not running");
    expect(existsSync(join(folder, "curl"))).toBe(false);
  });

  test("does not believe a socket there, and asks nobody", async () => {
    await endpoint(`unix-socket = "/tmp/x"\nproxy = "http://proxy.example.com"\n`);
    expect(unsendable(await ask(shell, ["headers"], claude("ready")))).toContain("is not yours");
    expect(existsSync(join(folder, "curl"))).toBe(false);
  });
});
