import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildFacade } from "../build.ts";
import { addressIn, endPrograms, runFacade, type Program } from "./support/program.ts";
import { startIdp, type StandIn } from "./support/standIn.ts";
import { claims, crm, plainConfig, plainIdp, sign, type Over } from "./support/world.ts";

/** The bundle as a process, as an administrator starts it. */
/** A busy machine may need a while. */
const patience = { timeout: 20_000 };
let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-facade-"));
  bundle = join(folder, "lanyard-facade.mjs");
  await buildFacade(bundle);
});
afterAll(async () => {
  endPrograms();
  await rm(folder, { recursive: true, force: true });
});

const configured = async (name: string, over: object = {}): Promise<string> => {
  const file = join(folder, name);
  const listen = { host: "127.0.0.1", port: 0 };
  await writeFile(file, JSON.stringify({ ...plainConfig(), listen, ...over }));
  return file;
};

const run = (args: readonly string[]): Program => runFacade(bundle, args);

test("the bundle says whose work is in it, and its license", async () => {
  expect(await readFile(join(folder, "LICENSE"), "utf8")).toMatch(/^MIT License/);
  const notices = await readFile(join(folder, "third-party-notices.txt"), "utf8");
  for (const name of ["hono", "jose", "zod"]) expect(notices).toMatch(new RegExp(`^.*\\b${name} \\d`, "m"));
});

describe.skipIf(process.platform === "win32")("the program", () => {
  test("serves, reads its file anew, and ends", async () => {
    const file = await configured("facade.json");
    const program = run([file]);
    const { child, lines, ended } = program;
    const url = await addressIn(program);
    expect(await (await fetch(`${url}/health`)).text()).toBe("ok");
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/token`, { method: "POST", body: "x".repeat(70_000) })).status).toBe(413);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("lanyard_facade_waiting 0");
    await writeFile(file, "{");
    child.kill("SIGHUP");
    await expect.poll(() => lines, patience).toContain("The configuration stays as it was.");
    await configured("facade.json", { questionsPerMinute: 7 });
    child.kill("SIGHUP");
    await expect.poll(() => lines, patience).toContain("The configuration was read anew.");
    child.kill("SIGTERM");
    await ended;
    expect(child.exitCode).toBe(0);
  });

  /** What a person asks for, of a facade that runs. */
  const question = async (url: string, issuer: string, over: Over = {}): Promise<Response> => {
    const form = {
      ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: "lanyard" },
      subject_token: await sign(claims({ iss: issuer, ...over })),
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      resource: crm,
    };
    const init = { method: "POST", body: new URLSearchParams(form), headers: { prefer: "wait=30" } };
    return fetch(`${url}/token`, init);
  };
  const before = (name: string, idp: StandIn, target: object = {}): Promise<string> =>
    configured(name, {
      identityProvider: { ...plainIdp(), issuer: idp.issuer },
      vaults: {
        sts: {
          ...{ adapter: "oauth", endpoint: `${idp.issuer}/token` },
          ...{ clientId: "us", clientSecret: { variable: "FACADE_SECRET" } },
        },
      },
      targets: { [crm]: { vault: "sts", ...target } },
    });

  test("answers who waits when it is ended", async () => {
    await using idp = await startIdp();
    const program = run([await before("ending.json", idp)]);
    const { child, ended } = program;
    const url = await addressIn(program);
    const authorization = `Bearer ${await sign(claims({ iss: idp.issuer }))}`;
    const waiting = [
      question(url, idp.issuer),
      fetch(`${url}/events?wait=30`, { headers: { authorization } }),
    ];
    const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
    await expect.poll(metrics, patience).toContain("lanyard_facade_waiting 2");
    const startedMs = performance.now();
    child.kill("SIGTERM");
    const replies = await Promise.all(waiting);
    expect(replies.map(({ status }) => status)).toEqual([400, 200]);
    expect(await replies[0]?.json()).toMatchObject({ error: "authorization_pending", interval: 0 });
    expect(await replies[1]?.json()).toMatchObject({ events: [] });
    await ended;
    expect(child.exitCode).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(9000);
  });

  test("judges by what its file says after SIGHUP, and by the old one while that is broken", async () => {
    await using idp = await startIdp();
    idp.vault = () => ({ status: 200, body: { access_token: "t", token_type: "Bearer" } });
    const file = await before("reload.json", idp);
    const program = run([file]);
    const { child, lines } = program;
    const url = await addressIn(program);
    expect((await question(url, idp.issuer)).status).toBe(200);
    const policy = { require: [{ claim: ["roles"], anyOf: ["boss"], reason: "Bosses only." }] };
    await before("reload.json", idp, { policy });
    child.kill("SIGHUP");
    await expect.poll(() => lines, patience).toContain("The configuration was read anew.");
    const refused: unknown = await (await question(url, idp.issuer)).json();
    expect(refused).toMatchObject({ error: "access_denied", error_description: "Bosses only." });
    await before("reload.json", idp, { vault: "other" });
    child.kill("SIGHUP");
    await expect.poll(() => lines, patience).toContain("The configuration stays as it was.");
    expect(lines).toContain(`targets."${crm}".vault: There is no vault "other". Write one of: sts.`);
    // What is remembered of people would be taken for other people's.
    await using other = await startIdp();
    await before("reload.json", other);
    child.kill("SIGHUP");
    const told = "identityProvider.issuer: Another identity provider counts from the next start.";
    await expect.poll(() => lines, patience).toContain(told);
    expect((await question(url, idp.issuer)).status).toBe(400);
    expect((await question(url, idp.issuer, { roles: ["boss"] })).status).toBe(200);
  });

  test("says what is wrong with its file, and does not start", async () => {
    const { child, lines, ended } = run([await configured("wrong.json", { url: "ftp://x" })]);
    await ended;
    expect([child.exitCode, lines.join()]).toEqual([1, expect.stringContaining("url: ")]);
  });

  test("checks, line by line", async () => {
    await using idp = await startIdp();
    const file = await configured("check.json", { identityProvider: { ...plainIdp(), issuer: idp.issuer } });
    const well = run(["check", file]);
    await well.ended;
    expect([well.child.exitCode, well.lines.every((line) => line.startsWith("ok"))]).toEqual([0, true]);
    const ill = run(["check", await configured("ill.json")]);
    await ill.ended;
    expect([ill.child.exitCode, ill.lines.some((line) => line.startsWith("FAIL"))]).toEqual([1, true]);
  });
});
