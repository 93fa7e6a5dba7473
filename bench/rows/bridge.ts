import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { spawn, type ChildProcess } from "node:child_process";
import { BridgeClient } from "../../test/process/bridge/client.ts";
import { connectorName, startWindow, type TestWindow } from "../../test/process/bridge/window.ts";
import { buildHelper, install, oddFolder } from "../../test/process/support.ts";
import { keptPost } from "../parts/keptPost.ts";
import { startProgram, timeOf } from "../parts/programs.ts";
import { compare, rounded, timed, type Compared } from "../parts/statistics.ts";
import type { BenchRow, Family, Measurement } from "../row.ts";

/** The ratios that count as reached. */
const reaches = { calls: 1.05, list: 1.4, memory: 1.2 } as const;

const [parts, bareBridge, constantServer] = [
  join(import.meta.dirname, "../parts/bridgeParts.ts"),
  join(import.meta.dirname, "../parts/bareBridge.ts"),
  join(import.meta.dirname, "../parts/constantServer.ts"),
] as const;

interface Stage extends AsyncDisposable {
  readonly home: string;
  readonly url: string;
}

/** A window that grants, and a connector so many milliseconds away in a process of its own. */
const openStage = async (awayMs: number): Promise<Stage> => {
  const folder = await oddFolder();
  const home = join(folder.path, "home");
  await install(home, await buildHelper(folder.path));
  const server = await startProgram(parts, "serve", String(awayMs));
  const window: TestWindow = await startWindow(home, server.said);
  return {
    ...{ home, url: server.said },
    [Symbol.asyncDispose]: async () => {
      await window.stop();
      await server[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
};

const callMessage = (id: number): string =>
  JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "echo", arguments: {} } });

const direct = { "content-type": "application/json", accept: "application/json, text/event-stream" };

const told = ({ ratio, subject, baseline, runs }: Compared, most: number, what: string): Measurement => ({
  measured: `${rounded(ratio, 3)} (${rounded(subject)} ms against ${rounded(baseline)} ms ${what})`,
  isMet: ratio <= most,
  runs,
  figures: { ratio, bridgeMs: subject, directMs: baseline },
});

/** Calls in one turn of the comparison. */
const turn = 50;

const perCall = async (call: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  for (let each = 0; each < turn; each += 1) await call();
  return (performance.now() - startMs) / turn;
};

/** How long a call takes through a program that only passes on, and asks a constant server before. */
const throughBare = async (stage: Stage, directly: () => Promise<number>): Promise<Compared> => {
  const socket = join(stage.home, "constant.sock");
  await using constant = await startProgram(constantServer, socket, JSON.stringify({ kind: "authorized" }));
  const bare = spawn(process.execPath, [bareBridge, stage.url, constant.said], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: bare.stdout });
  let id = 0;
  const call = async (): Promise<unknown> => {
    const answered = once(lines, "line");
    bare.stdin.write(`${callMessage((id += 1))}\n`);
    return answered;
  };
  const compared = await compare(() => perCall(call), directly, { runs: 500 / turn, warmUps: 1 });
  bare.stdin.end();
  return compared;
};

const callsRow: BenchRow = {
  name: "bridge: 1,000 calls, one after the other, to a connector 20 ms away",
  against: "the same calls without a bridge, on a connection that is kept",
  reach: `≤ ${reaches.calls}`,
  measure: async () => {
    await using stage = await openStage(20);
    const client = new BridgeClient(stage.home, connectorName);
    await client.begin();
    const agent = new Agent({ keepAlive: true });
    let id = 0;
    const directly = (): Promise<number> =>
      perCall(() => keptPost(stage.url, agent, callMessage((id += 1)), direct));
    const compared = await compare(() => perCall(() => client.call("echo")), directly, {
      ...{ runs: 1_000 / turn, warmUps: 1 },
    });
    const bare = await throughBare(stage, directly);
    await client.end();
    agent.destroy();
    return told(
      compared,
      reaches.calls,
      `a call; through a program that only passes on: ${rounded(bare.ratio, 3)}`,
    );
  },
};

const listRow: BenchRow = {
  name: "bridge: from its start to the first list of tools",
  against: "a Node that is started and asks the connector itself",
  reach: `≤ ${reaches.list}`,
  measure: async () => {
    await using stage = await openStage(20);
    const byBridge = (): Promise<number> =>
      timed(async () => {
        const client = new BridgeClient(stage.home, connectorName);
        await client.begin();
        await client.ask("tools/list");
        client.child.kill("SIGKILL");
      });
    const compared = await compare(byBridge, () => timeOf([process.execPath, parts, stage.url], {}), {
      runs: 15,
    });
    return told(compared, reaches.list, "to the list");
  },
};

const rssOf = async ({ pid }: ChildProcess): Promise<number> => {
  const status = await readFile(`/proc/${pid ?? 0}/status`, "utf8");
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
};

const sumOf = async (children: readonly ChildProcess[]): Promise<number> => {
  const sizes = await Promise.all(children.map(rssOf));
  return sizes.reduce((sum, each) => sum + each, 0);
};

/** What a Node that asks once over HTTP, and reads its stdin, comes to without any of Lanyard. */
const asking = (url: string): ChildProcess =>
  spawn(process.execPath, [
    "-e",
    `require("node:https");process.stdin.resume();require("node:http").get(${JSON.stringify(url)},(r)=>r.resume().once("close",()=>console.log("asked")))`,
  ]);

const memoryRow: BenchRow = {
  name: "bridge: memory of eight, each after 25 calls",
  against: "eight Nodes that do nothing",
  reach: `≤ ${reaches.memory}`,
  measure: async () => {
    await using stage = await openStage(0);
    const clients = Array.from({ length: 8 }, () => new BridgeClient(stage.home, connectorName));
    const idle = clients.map(() => spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]));
    const askers = clients.map(() => asking(stage.url));
    for (const { stdout } of askers) if (stdout !== null) await once(stdout, "data");
    for (const client of clients) {
      await client.begin();
      for (let call = 0; call < 25; call += 1) await client.call("echo");
    }
    const [bridges, nodes] = [await sumOf(clients.map(({ child }) => child)), await sumOf(idle)];
    const asked = await sumOf(askers);
    for (const child of [...idle, ...askers, ...clients.map((client) => client.child)]) child.kill("SIGKILL");
    const ratio = bridges / nodes;
    return {
      measured: `${rounded(ratio)} (${Math.round(bridges)} MB against ${Math.round(nodes)} MB; Nodes that ask once over HTTP: ${rounded(asked / nodes)})`,
      isMet: ratio <= reaches.memory,
      runs: 1,
      figures: { ratio, bridgesMb: bridges, nodesMb: nodes, askersMb: asked },
    };
  },
};

export const bridgeFamily: Family = { key: "bridge", rows: [callsRow, listRow, memoryRow] };
