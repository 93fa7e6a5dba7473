/**
 * One window without its editor: everything that answers helpers, in a process of its own, over storage that it shares
 * with others. `node windowProcess.ts OPTIONS`; then one command a line on stdin, one answer a line on stdout. Ends when
 * stdin does.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Catalogues } from "../../src/core/config/catalogue.ts";
import { parseFile } from "../../src/core/config/parse.ts";
import { Board } from "../../src/core/connectors/board/board.ts";
import { checkInTurns } from "../../src/core/connectors/pipeline/checkInTurns.ts";
import { Pipeline } from "../../src/core/connectors/pipeline/pipeline.ts";
import { WaitRegistry } from "../../src/core/connectors/wait/waitRegistry.ts";
import { querySource } from "../../src/core/credentials/querySource.ts";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import { errnoOf } from "../../src/core/errors.ts";
import { boundedFetch } from "../../src/core/http.ts";
import { Discovery } from "../../src/core/identity/idp/discovery.ts";
import { BoundedSecrets } from "../../src/core/secrets/bounded.ts";
import { LateLock } from "../../src/core/identity/refresh/lateLock.ts";
import { createIdentityService } from "../../src/core/identity/service.ts";
import type { Clock, Log } from "../../src/core/ports.ts";
import { english } from "../../src/core/text.ts";
import { startAgent, type RunningAgent } from "../../src/ipc/start.ts";
import { systemClock } from "../../src/node/clock.ts";
import { findScript } from "../../src/node/script/findScript.ts";
import { runScriptHere } from "../../src/node/script/runScript.ts";
import { fileStore } from "../support/fileSecrets.ts";

export interface WindowOptions {
  readonly home: string;
  /** Where secrets and facts lie that all windows share. */
  readonly storage: string;
  readonly storageDelayMs: number;
  readonly folders: readonly string[];
}

export type WindowCommand =
  | { readonly kind: "standing" }
  /** Puts this window's clock forward. */
  | { readonly kind: "shift"; readonly byMs: number }
  /** What this window's secret storage does from now on: `silent` as one whose browser has died. */
  | { readonly kind: "storage"; readonly does: "work" | "silent" | "refuse" }
  /** What becomes of requests to these origins from now on: none arrives, or each is answered with 503. */
  | { readonly kind: "network"; readonly down: readonly string[]; readonly how: "refuse" | "unavailable" }
  | { readonly kind: "check"; readonly server: string }
  /** Checks every connector, as the editor does at its start. */
  | { readonly kind: "checkAll" }
  /** Collects garbage first; needs `--expose-gc`. */
  | { readonly kind: "memory" };

export interface WindowStanding {
  readonly isLeading: boolean;
  readonly pid: number;
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  /** Open files and sockets, where the system tells. */
  readonly descriptors: number;
  /** Connector by connector: what the board shows, and who saw it. */
  readonly board: readonly { readonly server: string; readonly status: string; readonly traceId?: string }[];
}

const options = JSON.parse(process.argv[2] ?? "") as WindowOptions;

let shiftMs = 0;
const clock: Clock = {
  now: () => Date.now() + shiftMs,
  after: (delayMs, run) => systemClock.after(delayMs, run),
};

/** Which events are said on stderr, by their names. */
const isSaid = new RegExp(process.env["LANYARD_TEST_LOG"] ?? "^$");
const say = (level: string) => (event: string, fields?: object) => {
  if (!isSaid.test(event)) return;
  process.stderr.write(
    `${process.pid} ${Date.now() % 100_000} ${level} ${event} ${JSON.stringify(fields ?? {})}\n`,
  );
};
const log: Log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };

const store = fileStore(options.storage, options.storageDelayMs);
const { memory } = store;
let storageDoes: Extract<WindowCommand, { kind: "storage" }>["does"] = "work";
const asItDoes = <T>(work: () => Promise<T>): Promise<T> => {
  if (storageDoes === "silent") return new Promise(() => undefined);
  return storageDoes === "work" ? work() : Promise.reject(new Error("The keyring is locked."));
};
const secrets = new BoundedSecrets(
  {
    get: (key) => asItDoes(() => store.secrets.get(key)),
    store: (key, value) => asItDoes(() => store.secrets.store(key, value)),
    delete: (key) => asItDoes(() => store.secrets.delete(key)),
    onDidChange: store.secrets.onDidChange,
  },
  clock,
);
let network: Omit<Extract<WindowCommand, { kind: "network" }>, "kind"> = { down: [], how: "refuse" };
const fetchHere = (url: string, init?: RequestInit): Promise<Response> => {
  if (!network.down.includes(new URL(url).origin)) return fetch(url, init);
  return network.how === "refuse"
    ? Promise.reject(new TypeError("fetch failed"))
    : Promise.resolve(new Response("Service Unavailable", { status: 503 }));
};
const ports = { clock, log, secrets, memory, fetch: fetchHere };
const lock = new LateLock();
const identity = createIdentityService(ports, { withLock: lock.run });
const catalogues = new Catalogues();
for (const folder of options.folders) {
  const file = join(folder, ".mcp.json");
  const origin = { kind: "workspace", file, folder } as const;
  catalogues.update(parseFile({ text: readFileSync(file, "utf8"), origin, env: () => undefined }));
}
const board = new Board();
board.load(catalogues.catalogue(options.folders), () => "approved");
const discovery = new Discovery(boundedFetch(ports.fetch, clock), clock);
const pipeline = new Pipeline({
  ...{ board, clock, log, querySource, fetch: ports.fetch, keeper: new SessionCache(), sessions: identity },
  runScript: runScriptHere(process.env),
  findScript,
  tokenEndpoint: (issuer, signal) => discovery.tokenEndpoint(issuer, signal),
});
const waits = new WaitRegistry({ pipeline, clock });

const startAgainMs = 3000;

/** Until it starts, as a window of the editor does. */
const started = async (): Promise<RunningAgent> => {
  for (;;) {
    try {
      return await startAgent({
        consent: () => Promise.resolve({ result: "allowed" }),
        ...{ home: options.home, version: "0.0.0-test", board, clock, log, storage: secrets },
        ...{ pipeline: waits, sessions: identity, t: english },
      });
    } catch (error) {
      if (!["ENOSPC", "EDQUOT"].includes(errnoOf(error) ?? "")) throw error;
      await setTimeout(startAgainMs);
    }
  }
};
const agent = await started();
lock.use(agent.withLock);

const standing = (): WindowStanding => ({
  isLeading: agent.isLeading(),
  pid: process.pid,
  heapUsedBytes: process.memoryUsage().heapUsed,
  rssBytes: process.memoryUsage.rss(),
  descriptors: existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0,
  board: board.entries().map(({ connector, status }) => ({
    server: connector.name,
    status: status.kind,
    ...("evidence" in status ? { traceId: status.evidence.traceId } : {}),
  })),
});

const check = async (connectorId: string): Promise<void> => {
  await pipeline.obtain(connectorId, { requester: "check", signal: new AbortController().signal });
};

const run = async (command: WindowCommand): Promise<WindowStanding> => {
  if (command.kind === "shift") shiftMs += command.byMs;
  if (command.kind === "network") network = command;
  if (command.kind === "storage") storageDoes = command.does;
  if (command.kind === "check") {
    const entry = board.entries().find(({ connector }) => connector.name === command.server);
    await check(entry?.connector.id ?? "");
  }
  if (command.kind === "checkAll") {
    const ids = board.entries().map(({ connector }) => connector.id);
    await checkInTurns(ids, check);
  }
  if (command.kind === "memory") {
    if (gc === undefined) throw new Error("Start this window with --expose-gc.");
    await gc({ execution: "async", type: "major" });
    gc();
  }
  return standing();
};

console.log(JSON.stringify(standing()));
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  void run(JSON.parse(line) as WindowCommand).then((answer) => console.log(JSON.stringify(answer)));
});
lines.once("close", () => {
  waits.dispose();
  void agent.stop().then(() => process.exit(0));
});
