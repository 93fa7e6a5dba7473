import { setTimeout as delay } from "node:timers/promises";
import { grantingAgent, type GrantingAgent, type Stands } from "./agent.ts";
import type { History } from "../core/history/history.ts";
import { terminalText } from "../core/text.ts";
import { recorded } from "./calls.ts";
import { ClientSide } from "./client.ts";
import { ClientAsks } from "./modern/clientAsks.ts";
import { exchangeBy, type Exchange } from "./exchange.ts";
import { createHttp } from "./wire/http.ts";
import { Lines } from "./wire/lines.ts";
import { openMemory } from "./memory.ts";
import type { OpenLink } from "./link.ts";
import { linksOf } from "./links.ts";
import type { Remembered } from "./ownAnswers.ts";
import { Pump } from "./pump.ts";
import { Sessions } from "./session.ts";
import { StandIn } from "./standIn.ts";
import { statefulLinks } from "./statefulLink.ts";
import { ToolGate } from "./refusal/tools.ts";
import type { Stateless, StatelessSide } from "./modern/stateless.ts";

export interface BridgeCall {
  readonly home: string;
  readonly server: string;
  readonly cwd: string;
  /** Who started the bridge. */
  readonly pid: number;
  /** Takes a line a call. */
  readonly history: History;
}

/** How long an agent may be away before open streams end: as long as a grant may be used again, and a reload takes. */
const awayMs = 10_000;
const lookMs = 500;
/** What is under way when the client closes its end has so long to be answered. */
const lastAnswersMs = 1_000;
/** More than that of what the client says is not held at once. */
const mostHeldBytes = 16 * 1024 * 1024;

/** An update takes away the pieces of a helper that runs: what any call may need is in memory by then. */
const laterMs = 5_000;

export interface BridgeEnd {
  /** Resolves once what was learned of the connector is on the disk. */
  readonly kept: Promise<void>;
}

/** Serves one connector on stdin and stdout until the client goes. Returns for nothing else; the program is to end then. */
export const runBridge = async (call: BridgeCall): Promise<BridgeEnd> => {
  const tools = new ToolGate();
  const agent = tools.guard(grantingAgent(call));
  const exchange = recorded(exchangeBy(agent, createHttp()), call);
  const note = noteTo(call.server);
  process.on("uncaughtException", (error) => note(error.message));
  process.on("unhandledRejection", (reason) => note(String(reason)));
  const end = new AbortController();
  const memory = await openMemory(call.home, call.server, call.cwd);
  const write = writerTo(process.stdout, () => end.abort());
  const pump = pumpFor(call, { agent, exchange, tools, memory, write, note });
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => end.abort());
  setTimeout(() => {
    Promise.all([
      import("./late.ts"),
      import("./refusal/told.ts"),
      import("./wire/brokenOff.ts"),
      import("../ipc/endpoint/livingWindow.ts"),
    ]).catch((error: unknown) => note(String(error)));
  }, laterMs).unref();
  watch(agent, pump, end.signal).catch((error: unknown) => note(String(error)));
  await Promise.race([pumpInput(pump, note), aborted(end.signal)]);
  for (let waitedMs = 0; !end.signal.aborted && !pump.isIdle && waitedMs < lastAnswersMs; waitedMs += 20)
    await delay(20);
  end.abort();
  await pump.close();
  return { kept: memory.kept() };
};

interface Around {
  readonly agent: GrantingAgent;
  readonly exchange: Exchange;
  readonly tools: ToolGate;
  readonly memory: Remembered;
  readonly write: (line: Buffer) => Promise<void>;
  readonly note: (line: string) => void;
}

const pumpFor = ({ server }: BridgeCall, { agent, exchange, tools, memory, write, note }: Around): Pump => {
  const client = new ClientSide();
  const asks = new ClientAsks(write);
  // Few need these: the memory of a bridge is much of what it costs.
  const stateless = statelessBy(exchange);
  const translated: OpenLink = async (...asked) =>
    (await import("./modern/translatedLink.ts")).translatedLinks({ stateless, client, asks, note })(...asked);
  const openLink = linksOf(memory, exchange, statefulLinks({ exchange, note }), translated);
  return new Pump({
    ...{ client, asks, stateless, tools, note, write },
    person: {
      hold: async (...held) => {
        const { HeldCalls } = await import("./late.ts");
        return new HeldCalls({ server, agent, client, asks, write }).hold(...held);
      },
    },
    sessions: (onMessage) => new Sessions({ openLink, onMessage, note }),
    standIn: (sessions) => new StandIn({ server, sessions, stateless, memory, note, write }),
  });
};

/** For clients and connectors of MCP 2026-07-28. What was never made has nothing to be cut. */
const statelessBy = (exchange: Exchange): StatelessSide => {
  let made: Promise<Stateless> | undefined;
  const make = async (): Promise<Stateless> => {
    const { ModernHeaders, Stateless } = await import("./late.ts");
    return new Stateless({ exchange, headers: new ModernHeaders() });
  };
  const whole = (): Promise<Stateless> => (made ??= make());
  return {
    send: async (...sent) => (await whole()).send(...sent),
    ask: async (...asked) => (await whole()).ask(...asked),
    cut: () => {
      // Why it could not be made, whoever asked is told.
      made?.then((stateless) => stateless.cut()).catch(() => undefined);
    },
  };
};

const pumpInput = async (pump: Pump, note: (line: string) => void): Promise<void> => {
  const lines = new Lines();
  let heldBytes = 0;
  const take = async (line: Buffer): Promise<void> => {
    heldBytes += line.byteLength;
    await pump.take(line).catch((error: unknown) => note(String(error)));
    heldBytes -= line.byteLength;
  };
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    for (const line of lines.read(chunk)) {
      const taken = take(line);
      if (heldBytes > mostHeldBytes) await taken;
    }
  }
  const rest = lines.rest();
  if (rest.byteLength > 0) await take(rest);
};

/** Hears from the agent whether the right goes on. One that stays away cannot tell, so it counts as over. */
const watch = async (agent: GrantingAgent, pump: Pump, signal: AbortSignal): Promise<void> => {
  let awaySinceMs: number | undefined;
  while (!signal.aborted) {
    const stands: Stands = await agent.standing(signal);
    if (stands.kind === "stands") {
      awaySinceMs = undefined;
      await pump.stands(stands);
      continue;
    }
    awaySinceMs ??= performance.now();
    if (performance.now() - awaySinceMs > awayMs) pump.unknown();
    await delay(lookMs, undefined, { signal }).catch(() => undefined);
  }
};

const writerTo = (stream: NodeJS.WriteStream, onBroken: () => void): ((line: Buffer) => Promise<void>) => {
  stream.on("error", onBroken);
  return (line) => {
    // Both at once: without a copy, and in one system call.
    stream.cork();
    stream.write(line);
    const mayGoOn = stream.write("\n");
    stream.uncork();
    if (mayGoOn || stream.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stream.off("drain", done).off("close", done);
        resolve();
      };
      stream.on("drain", done).on("close", done);
    });
  };
};

/** One line a failure, without what could be a secret of a URL; the same one is not said again and again. */
const noteTo = (server: string): ((line: string) => void) => {
  let last = "";
  return (line) => {
    const text = line.replaceAll(/\s+/g, " ").slice(0, 300);
    if (text === last) return;
    last = text;
    process.stderr.write(`${terminalText(`lanyard bridge ${JSON.stringify(server)}: ${text}`)}\n`);
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
