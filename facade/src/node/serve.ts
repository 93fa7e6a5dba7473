import { createAdaptorServer } from "@hono/node-server";
import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { forLog } from "../../../src/core/errors.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { facadeApp } from "../core/app.ts";
import type { AuditSink } from "../core/audit.ts";
import {
  readFacadeConfig,
  type FacadeConfig,
  type ReadConfig,
  type StoreConfig,
} from "../core/config/schema.ts";
import { facadeOf, stateOver, type Facade, type FacadePorts } from "../core/facade.ts";
import { pollSignals } from "../core/signalPoll.ts";
import { MemoryStore } from "../core/state/memoryStore.ts";
import type { FacadeStore } from "../core/state/store.ts";
import { RedisStore } from "./redisStore.ts";
import { readSecret } from "./secrets.ts";

/** One line of JSON, for the record and for what went wrong. */
export type WriteLine = (fields: Readonly<Record<string, unknown>>) => void;

export interface RunningFacade {
  /** `http://HOST:PORT` */
  readonly url: string;
  /** Reads the configuration anew. @returns its issues: the old one then goes on. */
  reload(): Promise<readonly string[]>;
  /** Takes no new questions, answers those that are there, and ends. */
  end(): Promise<void>;
}

export type StartedFacade =
  | { readonly kind: "running"; readonly facade: RunningFacade }
  | { readonly kind: "issues"; readonly issues: readonly string[] };

export const readFacadeFile = async (file: string): Promise<ReadConfig> => {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return { kind: "issues", issues: [`${file} cannot be read.`] };
  return readFacadeConfig(text);
};

/** Serves the facade that a file configures. Rejects with the system's error where its address cannot be had. */
export const startFacade = async (file: string, write: WriteLine): Promise<StartedFacade> => {
  const read = await readFacadeFile(file);
  if (read.kind === "issues") return read;
  const audit: AuditSink = (line) => write({ at: new Date().toISOString(), ...line });
  const ports: FacadePorts = {
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    secret: readSecret,
    audit,
  };
  const { store, close } = storeOf(read.config, audit);
  const state = stateOver(store, systemClock);
  let current: Facade = facadeOf(read.config, ports, state);
  const unexpected = (error: unknown): void =>
    write({ at: new Date().toISOString(), event: "fault", reason: forLog(error) });
  const app = facadeApp(() => current, unexpected);
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { requestTimeout: 30_000 } });
  if (!("closeIdleConnections" in server)) throw new Error("The server speaks HTTP/1.1.");
  const { host, port } = read.config.listen;
  await listening(server, host, port);
  const ending = new AbortController();
  const polling = pollSignals(() => current, ports, ending.signal);
  return {
    kind: "running",
    facade: {
      url: addressOf(server, host),
      reload: async () => {
        const next = await readFacadeFile(file);
        if (next.kind === "issues") return next.issues;
        // What is remembered of people is of the ones of this identity provider.
        if (next.config.identityProvider.issuer !== read.config.identityProvider.issuer)
          return ["identityProvider.issuer: Another identity provider counts from the next start."];
        current = facadeOf(next.config, ports, state);
        return [];
      },
      end: async () => {
        ending.abort();
        await closed(server, () => state.events.wakers.close());
        await polling;
        await close();
      },
    },
  };
};

/** Opens what instances share. It need not be there yet: questions wait for nothing, and fail while it is not. */
const storeOf = (config: FacadeConfig, audit: AuditSink): OpenStore => {
  if (config.store === undefined)
    return { store: new MemoryStore(systemClock), close: () => Promise.resolve() };
  let known: string | undefined = "not there yet";
  const told = (error: unknown): void => {
    const reason = error === undefined ? undefined : forLog(error);
    if (reason === known) return;
    known = reason;
    const outcome = reason === undefined ? "works" : "fails";
    audit({ event: "store", outcome, ...(reason === undefined ? {} : { reason }) });
  };
  const store = new RedisStore(storeConfigOf(config, config.store), {
    clock: systemClock,
    secret: readSecret,
    told,
  });
  const opening = store.open().catch(told);
  return {
    store,
    close: async () => {
      await store[Symbol.asyncDispose]();
      await opening;
    },
  };
};

/** Facades of several addresses or identity providers may share a server: what one knows of a `sub` is not the other's. */
const storeConfigOf = (
  { url, identityProvider: { issuer } }: FacadeConfig,
  shared: StoreConfig,
): StoreConfig => ({
  ...shared,
  prefix: `${shared.prefix}${JSON.stringify([url, issuer])}:`,
});

interface OpenStore {
  readonly store: FacadeStore;
  readonly close: () => Promise<void>;
}

const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });

const addressOf = (server: Server, host: string): string => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
};

const graceMs = 10_000;

/** Those who wait are woken and answered; a connection that has not ended by itself is cut after ten seconds. */
const closed = (server: Server, wake: () => void): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    wake();
    server.closeIdleConnections();
  });
