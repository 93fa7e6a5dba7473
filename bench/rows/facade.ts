import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod";
import { buildFacade } from "../../facade/build.ts";
import { keptPost } from "../parts/keptPost.ts";
import { drive } from "../parts/load.ts";
import { startProgram } from "../parts/programs.ts";
import { compare, median, rounded } from "../parts/statistics.ts";
import type { BenchRow, Family } from "../row.ts";

/** The ratios that count as reached. */
const reaches = { exchange: 1.05, proxy: 0.5 } as const;

const part = (name: string): string => join(import.meta.dirname, "../parts", name);
const resource = "https://mcp.crm.example.com";
const formType = "application/x-www-form-urlencoded";

interface Stage extends AsyncDisposable {
  readonly vault: string;
  readonly facade: string;
  /** Of the facade's process. */
  readonly pid: number;
  /** Access tokens of so many people. */
  people(count: number): Promise<readonly string[]>;
}

/** Its record goes nowhere. */
const startBundle = (bundle: string, file: string): ChildProcess =>
  spawn(process.execPath, [bundle, file], {
    ...{ env: { ...process.env, FACADE_SECRET: "s" }, stdio: ["ignore", "ignore", "pipe"] },
  });

const addressOf = async ({ stderr }: ChildProcess): Promise<string> => {
  if (stderr === null) throw new Error("The facade says nothing.");
  for await (const line of createInterface({ input: stderr })) {
    const url = /listens at (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error("The facade ended before it listened.");
};

/** The bundle, as an administrator starts it, and all that it asks in another process. */
const openStage = async (awayMs: number): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), "lanyard-facade-bench-"));
  const vault = await startProgram(part("facadeVault.ts"), String(awayMs));
  const bundle = join(folder, "lanyard-facade.mjs");
  await buildFacade(bundle);
  const file = join(folder, "facade.json");
  const secret = { clientId: "lanyard-facade", clientSecret: { variable: "FACADE_SECRET" } };
  await writeFile(
    file,
    JSON.stringify({
      ...{ url: "https://vault.example.com", listen: { host: "127.0.0.1", port: 0 } },
      identityProvider: { issuer: vault.said, clients: ["lanyard"], audience: "lanyard-facade", ...secret },
      vaults: { sts: { adapter: "oauth", endpoint: `${vault.said}/token`, ...secret } },
      ...{ targets: { [resource]: { vault: "sts" } }, questionsPerMinute: 1e9 },
    }),
  );
  const child = startBundle(bundle, file);
  const facade = await addressOf(child);
  return {
    ...{ vault: vault.said, facade, pid: child.pid ?? 0 },
    people: async (count) =>
      z.array(z.string()).parse(await (await fetch(`${vault.said}/people?count=${count}`)).json()),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await vault[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const questionOf = (token: string): string =>
  new URLSearchParams({
    ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: "lanyard", resource },
    ...{ subject_token: token, subject_token_type: "urn:ietf:params:oauth:token-type:access_token" },
  }).toString();

const ask = async (url: string, agent: Agent, body: string): Promise<void> => {
  const status = await keptPost(url, agent, body, { "content-type": formType });
  if (status !== 200) throw new Error(`It answered ${status}.`);
};

const exchangeRow: BenchRow = {
  name: "facade: 1,000 exchanges, one after the other, vault 20 ms away",
  against: "the vault itself, on a connection that is kept",
  reach: `≤ ${reaches.exchange}`,
  measure: async () => {
    await using stage = await openStage(20);
    const agent = new Agent({ keepAlive: true });
    const [token = ""] = await stage.people(1);
    const body = questionOf(token);
    const turn = 50;
    const each = (url: string) => async (): Promise<number> => {
      const startMs = performance.now();
      for (let count = 0; count < turn; count += 1) await ask(`${url}/token`, agent, body);
      return (performance.now() - startMs) / turn;
    };
    const { ratio, subject, baseline, runs } = await compare(each(stage.facade), each(stage.vault), {
      ...{ runs: 1000 / turn, warmUps: 1 },
    });
    agent.destroy();
    return {
      measured: `${rounded(ratio, 3)} (${rounded(subject)} ms against ${rounded(baseline)} ms an exchange)`,
      ...{ isMet: ratio <= reaches.exchange, runs },
      figures: { ratio, facadeMs: subject, directMs: baseline },
    };
  },
};

const rateRow: BenchRow = {
  name: "facade: questions a second of one process at 32 connections",
  against: "a proxy of the same framework that looks at nothing",
  reach: `≥ ${reaches.proxy}`,
  measure: async () => {
    await using stage = await openStage(0);
    await using proxy = await startProgram(part("bareProxy.ts"), `${stage.vault}/token`);
    const [token = ""] = await stage.people(1);
    const body = questionOf(token);
    const times: number[] = [];
    const rateOf = (url: string) => async (): Promise<number> => {
      const { host, port } = new URL(url);
      const head = `POST /token HTTP/1.1\r\nhost: ${host}\r\ncontent-type: ${formType}\r\ncontent-length: ${body.length}\r\n\r\n`;
      const load = { path: Number(port), request: Buffer.from(head + body), connections: 32, requests: 1000 };
      const { perSecond, p99Ms } = await drive(load);
      times.push(p99Ms);
      return perSecond;
    };
    const { ratio, subject, baseline, runs } = await compare(rateOf(stage.facade), rateOf(proxy.said), {
      ...{ runs: 15, warmUps: 2 },
    });
    const p99Ms = median(times.filter((_, index) => index % 2 === 0));
    return {
      measured: `${rounded(ratio)} (${Math.round(subject)} against ${Math.round(baseline)} a second; p99 ${Math.round(p99Ms)} ms)`,
      ...{ isMet: ratio >= reaches.proxy, runs },
      figures: { ratio, facadePerSecond: subject, proxyPerSecond: baseline, facadeP99Ms: p99Ms },
    };
  },
};

const residentKb = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? Number.NaN);
};

const waitingIn = async (url: string): Promise<number> =>
  Number(/^lanyard_facade_waiting (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);

const editors = 10_000;

const waitingRow: BenchRow = {
  name: `facade: memory of each of ${editors} editors that wait for events`,
  against: "the same process before",
  reach: "≤ 40 kB",
  measure: async () => {
    await using stage = await openStage(0);
    const tokens = await stage.people(editors);
    const agent = new Agent({ keepAlive: true });
    const listen = (token: string): void => {
      const headers = { authorization: `Bearer ${token}` };
      const sent = request(`${stage.facade}/events?wait=30`, { headers, agent });
      // At the end the facade is killed with all of them waiting.
      sent.on("error", () => undefined).on("response", (response) => response.resume());
      sent.end();
    };
    for (const token of tokens.slice(0, 1)) await ask(`${stage.facade}/token`, agent, questionOf(token));
    const before = await residentKb(stage.pid);
    const startMs = performance.now();
    let waiting = 0;
    for (let opened = 0; waiting < editors;) {
      // So many at a time as the queue of a listening socket takes.
      const next = tokens.slice(opened, opened + 200);
      next.forEach(listen);
      opened += next.length;
      while ((waiting = await waitingIn(stage.facade)) < Math.min(opened, editors))
        if (performance.now() - startMs > 29_000)
          return {
            ...{ measured: `${waiting} waited after 29 s`, isMet: false, runs: 1 },
            figures: { waiting, kbEach: ((await residentKb(stage.pid)) - before) / waiting },
          };
    }
    const tookMs = performance.now() - startMs;
    const after = await residentKb(stage.pid);
    agent.destroy();
    const kbEach = (after - before) / editors;
    return {
      measured: `${rounded(kbEach, 1)} kB (RSS ${Math.round(before / 1024)} MB → ${Math.round(after / 1024)} MB; all there after ${rounded(tookMs / 1000, 1)} s)`,
      ...{ isMet: kbEach <= 40, runs: 1 },
      figures: { kbEach, beforeKb: before, afterKb: after, openedMs: tookMs },
    };
  },
};

export const facadeFamily: Family = { key: "facade", rows: [exchangeRow, rateRow, waitingRow] };
