/** A window that grants one connector at any URL, as a test says; and a real bridge to it. */
import { Board } from "../../../src/core/connectors/board/board.ts";
import { Pipeline } from "../../../src/core/connectors/pipeline/pipeline.ts";
import { WaitRegistry } from "../../../src/core/connectors/wait/waitRegistry.ts";
import type { Connector } from "../../../src/core/config/connector.ts";
import type { Permission, Status } from "../../../src/core/connectors/board/status.ts";
import type { Grant } from "../../../src/core/credentials/grant.ts";
import type { SourceQuery } from "../../../src/core/credentials/source.ts";
import type { ActiveSession, SessionAnswer } from "../../../src/core/identity/session.ts";
import type { Log } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { english } from "../../../src/core/text.ts";
import { startAgent } from "../../../src/ipc/start.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { HistoryFile } from "../../../src/node/historyFile.ts";
import { findScript } from "../../../src/node/script/findScript.ts";
import { catalogueOf, connectorNamed } from "../../support/connectors.ts";
import { grants } from "../../support/grants.ts";

export const token = "tok-4f1c9e";
export const connectorName = "odd";

const ignore = (): void => undefined;
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const session: ActiveSession = {
  id: "alice",
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  subject: "alice",
  accountLabel: "alice@acme.example",
  scopes: ["openid"],
  signedInAtMs: 0,
  accessToken: new Secret("user-token-canary"),
};

export interface TestWindow {
  /** What the vault says from now on. */
  answer: (query: SourceQuery) => Grant | Promise<Grant>;
  readonly userAuth: Connector["userAuth"];
  /** The sign-in that there is. */
  session: ActiveSession;
  /** The one by which the editor would reach the connector. */
  proxy: string | undefined;
  /** Somebody has signed in: whoever waits for it asks again. */
  signIn(over: Partial<ActiveSession>): void;
  /** How often the vault was asked. */
  readonly asked: number;
  /** Where the connector stands. */
  status(): Status | undefined;
  /** The vault's answer reaches the board, as a check by the person does. */
  check(): Promise<void>;
  /** The entry as the file has it now. */
  load(over: Partial<Connector>, permission?: Permission): void;
  stop(): Promise<void>;
}

export const goodGrant = (): Grant =>
  grants.granted({ headers: { Authorization: new Secret(`Bearer ${token}`) } });

export const startWindow = async (home: string, url: string): Promise<TestWindow> => {
  const board = new Board();
  const load = (over: Partial<Connector>, permission: Permission = "approved"): void => {
    const connector = connectorNamed(connectorName, {
      ...{ url, origin: { kind: "user", file: "/home/alice/.claude.json" } },
      ...over,
    });
    board.load(catalogueOf([connector]), () => permission);
  };
  load({});
  const state: Pick<TestWindow, "answer" | "session" | "proxy"> & { asked: number } = {
    ...{ answer: goodGrant, asked: 0, session, proxy: undefined },
  };
  const fresh = (): Promise<SessionAnswer> => Promise.resolve({ kind: "active", session: state.session });
  const pipeline = new Pipeline({
    board,
    sessions: { fresh },
    querySource: async (query) => {
      state.asked += 1;
      return { grant: await state.answer(query), answeredBy: "vault.example.com" };
    },
    findScript,
    runScript: () => Promise.reject(new Error("No scripts here.")),
    clock: systemClock,
    fetch: () => Promise.reject(new Error("Nothing here uses the network.")),
    log: silent,
  });
  const waits = new WaitRegistry({ pipeline, clock: systemClock });
  const agent = await startAgent({
    ...{ home, version: "0.0.0-test", board, clock: systemClock, log: silent, t: english },
    sessions: {
      fresh,
      list: () => Promise.resolve([state.session]),
    },
    pipeline: waits,
    history: new HistoryFile({ home, clock: systemClock, onError: ignore }),
    proxyFor: () => state.proxy,
    consent: () => Promise.resolve({ result: "forbidden" }),
  });
  return Object.assign(state, {
    ...{ load, userAuth: connectorNamed(connectorName).userAuth },
    check: async () => {
      const [entry] = board.entries();
      await waits.check(entry?.connector.id ?? "", new AbortController().signal);
    },
    status: () => board.entries()[0]?.status,
    signIn: (over: Partial<ActiveSession>) => {
      state.session = { ...state.session, signedInAtMs: Date.now(), ...over };
      waits.wakeAll();
    },
    stop: async () => {
      waits.dispose();
      await agent.stop();
    },
  });
};
