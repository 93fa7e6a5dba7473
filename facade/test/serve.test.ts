import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildFacade } from "../build.ts";
import { plainConfig, plainIdp } from "./support/world.ts";

/** The bundle as a process, as an administrator starts it. */
let folder: string;
let bundle: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-facade-"));
  bundle = join(folder, "lanyard-facade.mjs");
  await buildFacade(bundle);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

const configured = async (name: string, over: object = {}): Promise<string> => {
  const file = join(folder, name);
  const listen = { host: "127.0.0.1", port: 0 };
  await writeFile(file, JSON.stringify({ ...plainConfig(), listen, ...over }));
  return file;
};

const run = (
  args: readonly string[],
): { readonly child: ChildProcess; readonly lines: string[]; readonly ended: Promise<unknown> } => {
  const child = spawn(process.execPath, [bundle, ...args], { env: { ...process.env, FACADE_SECRET: "s" } });
  children.push(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  return { child, lines, ended: once(child, "close") };
};

const addressIn = async (lines: readonly string[]): Promise<string> => {
  const found = (): string | undefined =>
    lines.map((line) => /listens at (\S+)/.exec(line)?.[1]).find((each) => each);
  await expect.poll(found, { timeout: 20_000 }).toBeDefined();
  return found() ?? "";
};

test("the bundle says whose work is in it", async () => {
  const notices = await readFile(join(folder, "third-party-notices.txt"), "utf8");
  for (const name of ["hono", "jose", "zod"]) expect(notices).toMatch(new RegExp(`^.*\\b${name} \\d`, "m"));
});

describe.skipIf(process.platform === "win32")("the program", () => {
  test("serves, reads its file anew, and ends", async () => {
    const file = await configured("facade.json");
    const { child, lines, ended } = run([file]);
    const url = await addressIn(lines);
    expect(await (await fetch(`${url}/health`)).text()).toBe("ok");
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/token`, { method: "POST", body: "x".repeat(70_000) })).status).toBe(413);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("lanyard_facade_waiting 0");
    await writeFile(file, "{");
    child.kill("SIGHUP");
    await expect.poll(() => lines).toContain("The configuration stays as it was.");
    await configured("facade.json", { questionsPerMinute: 7 });
    child.kill("SIGHUP");
    await expect.poll(() => lines).toContain("The configuration was read anew.");
    child.kill("SIGTERM");
    await ended;
    expect(child.exitCode).toBe(0);
  });

  test("says what is wrong with its file, and does not start", async () => {
    const { child, lines, ended } = run([await configured("wrong.json", { url: "ftp://x" })]);
    await ended;
    expect([child.exitCode, lines.join()]).toEqual([1, expect.stringContaining("url: ")]);
  });

  test("checks, line by line", async () => {
    const idp = createServer((request, response) => {
      const base = `http://127.0.0.1:${portOf()}`;
      const answers: Readonly<Record<string, unknown>> = {
        "/.well-known/openid-configuration": {
          issuer: base,
          jwks_uri: `${base}/keys`,
          token_endpoint: `${base}/token`,
          introspection_endpoint: `${base}/introspect`,
        },
        "/keys": { keys: [] },
        "/introspect": { active: false },
      };
      response.end(JSON.stringify(answers[request.url ?? ""] ?? {}));
    });
    const portOf = (): number => {
      const address = idp.address();
      if (address === null || typeof address === "string") throw new Error("There is no port.");
      return address.port;
    };
    idp.listen(0, "127.0.0.1");
    await once(idp, "listening");
    const file = await configured("check.json", {
      identityProvider: {
        ...plainIdp(),
        issuer: `http://127.0.0.1:${portOf()}`,
      },
    });
    const well = run(["check", file]);
    await well.ended;
    expect([well.child.exitCode, well.lines.every((line) => line.startsWith("ok"))]).toEqual([0, true]);
    idp.close();
    const ill = run(["check", await configured("ill.json")]);
    await ill.ended;
    expect([ill.child.exitCode, ill.lines.some((line) => line.startsWith("FAIL"))]).toEqual([1, true]);
  });
});
