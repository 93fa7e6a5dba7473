import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { endpointFileOf, formatEndpoint, parseEndpoint } from "../../../src/ipc/endpoint/endpointFile.ts";
import { urlOf } from "../acme.ts";
import { claude, headersOf, unsendable, ways, withCurl, type Env } from "../contract.ts";
import { openHomes, type Homes } from "../homes.ts";
import {
  pretendOverHttp,
  pretendOverSocket,
  run,
  startAgentProcess,
  writeEndpoint,
  type Pretender,
} from "../support.ts";

vi.setConfig({ testTimeout: 20_000 });

let homes: Homes;
let folder: string;
let home: string;
/** A second home, where no real agent runs. */
let quiet: string;

beforeAll(async () => {
  homes = await openHomes();
  ({ folder, home, quiet } = homes);
});

afterAll(() => homes.close());

describe.each(Object.entries(ways))("%s, when there is no agent to speak of", (_name, lanyard) => {
  const bothAt = async (at: string, env: Env = {}): Promise<string> => {
    const options = ["--server=ready", `--url=${urlOf("ready")}`];
    // At once, because each looks for another agent for a moment before it gives up.
    const [forClaude, person, program, token, status] = await Promise.all([
      lanyard(at, ["headers"], { ...claude("ready"), ...env }),
      lanyard(at, ["headers", ...options], env),
      lanyard(at, ["headers", ...options, "--json"], env),
      lanyard(at, ["token"], env),
      lanyard(at, ["status"], env),
    ]);
    const text = unsendable(forClaude);
    expect(person).toMatchObject({ exitCode: 3, stdout: "", stderr: `lanyard: ${text}.\n` });
    expect(JSON.parse(program.stderr)).toEqual({ exitCode: 3, kind: "notRunning", reason: text });
    expect(token).toMatchObject({ exitCode: 3, stdout: "" });
    expect(status).toMatchObject({ exitCode: 3, stdout: "" });
    return text;
  };

  test("not running", async () => {
    expect(await bothAt(quiet)).toContain("Lanyard is not running");
  });

  test("no home at all", async () => {
    const nowhere = join(folder, "nowhere");
    const ran = await lanyard(home, ["headers"], { ...claude("ready"), LANYARD_HOME: nowhere });
    expect(unsendable(ran)).toContain("Lanyard is not running");
  });

  test("killed, its socket and endpoint file left behind", async () => {
    const killed = await startAgentProcess(quiet);
    killed.child.kill("SIGKILL");
    await new Promise((resolve) => killed.child.once("close", resolve));
    expect(await readFile(endpointFileOf(quiet), "utf8")).toContain("unix-socket");
    expect(await bothAt(quiet)).toContain("Lanyard is not running");
    await rm(endpointFileOf(quiet));
  });

  test.runIf(process.getuid?.() === 0)("its endpoint file cannot be read or is somebody else's", async () => {
    await mkdir(join(quiet, "run"), { recursive: true });
    await writeEndpoint(quiet, "/nonexistent");
    for (const path of [quiet, join(quiet, "bin"), join(quiet, "lib"), join(quiet, "run")])
      await chmod(path, 0o755);
    await chmod(join(quiet, "lib/lanyard.cjs"), 0o644);
    const env = { PATH: withCurl, LANYARD_HOME: quiet, ...claude("ready") };
    const nobody = { env, uid: 65_534, cwd: "/" };
    for (const mode of [0o600, 0o644]) {
      await chmod(endpointFileOf(quiet), mode);
      const ran = await run(["/bin/sh", join(quiet, "bin/lanyard"), "headers"], nobody);
      expect(unsendable(ran)).toContain("cannot be read or is not yours");
      const node = await run([process.execPath, join(quiet, "lib/lanyard.cjs"), "headers"], nobody);
      expect(unsendable(node)).toContain("cannot be read or is not yours");
    }
    await rm(endpointFileOf(quiet));
    await chmod(join(quiet, "run"), 0o700);
  });

  test("its endpoint file is a link", async () => {
    await mkdir(join(quiet, "run"), { recursive: true });
    await symlink(endpointFileOf(home), endpointFileOf(quiet));
    expect(await bothAt(quiet)).toContain("cannot be read or is not yours");
    await rm(endpointFileOf(quiet));
  });

  test("another key than the agent's", async () => {
    const record = parseEndpoint(await readFile(endpointFileOf(home), "utf8"));
    if (record === undefined) throw new Error("The agent's endpoint file is not whole.");
    await mkdir(join(quiet, "run"), { recursive: true });
    const text = formatEndpoint({ ...record, key: new Secret("x".repeat(43)) });
    await writeFile(endpointFileOf(quiet), text, { mode: 0o600 });
    expect(await bothAt(quiet)).toContain("makes no sense");
    await rm(endpointFileOf(quiet));
  });

  test("it hangs", async () => {
    const hung = await pretendOverSocket(quiet, () => undefined);
    const ran = await lanyard(quiet, ["headers"], { ...claude("ready"), LANYARD_DEADLINE_SECONDS: "1" });
    expect(unsendable(ran)).toContain("did not answer in time");
    expect(ran.tookMs).toBeLessThan(2000);
    await hung.close();
  });

  test("it goes when there is no time left to ask another", async () => {
    const held: NodeJS.Timeout[] = [];
    const going = await pretendOverSocket(quiet, (socket) => {
      held.push(setTimeout(() => socket.destroy(), 1700));
    });
    const ran = await lanyard(quiet, ["headers"], { ...claude("ready"), LANYARD_DEADLINE_SECONDS: "2" });
    expect(unsendable(ran)).toContain("did not answer in time");
    for (const each of held) clearTimeout(each);
    await going.close();
  });

  const whole = '0\n{"Authorization":"Bearer x"}';

  test("it gets no time to read the question: it is asked again", async () => {
    let asked = 0;
    const starved = await pretendOverHttp(quiet, (_request, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 408 : 200).end(whole);
    });
    const ran = await lanyard(quiet, ["headers"], claude("ready"));
    expect(headersOf(ran.stdout)).toEqual({ Authorization: "Bearer x" });
    await starved.close();
  });

  const replies: readonly (readonly [string, (home: string) => Promise<Pretender>])[] = [
    ["no HTTP", (at) => pretendOverSocket(at, (socket) => void socket.end("garbage\r\n\r\n"))],
    ["nothing at all", (at) => pretendOverSocket(at, (socket) => void socket.end())],
    [
      "a reply that breaks off",
      (at) =>
        pretendOverSocket(
          at,
          (socket) => void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n${whole}`),
        ),
    ],
    ["an empty body", (at) => pretendOverHttp(at, (_request, response) => void response.end())],
    ["a web page", (at) => pretendOverHttp(at, (_request, response) => void response.end("<html></html>"))],
    [
      "JSON without an exit code",
      (at) => pretendOverHttp(at, (_request, response) => void response.end('{"Authorization":"Bearer x"}')),
    ],
    ["an exit code alone", (at) => pretendOverHttp(at, (_request, response) => void response.end("0\n"))],
    [
      "an exit code of no meaning",
      (at) => pretendOverHttp(at, (_request, response) => void response.end('99\n{"a":"b"}')),
    ],
    [
      "a server's error",
      (at) => pretendOverHttp(at, (_request, response) => void response.writeHead(500).end(whole)),
    ],
    [
      "a redirect",
      (at) =>
        pretendOverHttp(at, (_request, response) => void response.writeHead(302, { location: "/" }).end()),
    ],
  ];
  test.each(replies)("it answers with %s", async (_what, pretendAt) => {
    const pretender = await pretendAt(quiet);
    expect(await bothAt(quiet)).toContain("makes no sense");
    await pretender.close();
  });

  test.each([["{}"], ["[]"], ['{"a":1}'], ['{"a":"b"}\n{"c":"d"}'], ['x {"a":"b"}'], ["null"]])(
    "for headers it answers with %j, on which Claude Code would go on without a credential",
    async (text) => {
      const pretender = await pretendOverHttp(quiet, (_request, response) => void response.end(`0\n${text}`));
      unsendable(await lanyard(quiet, ["headers"], claude("ready")));
      await pretender.close();
    },
  );
});
