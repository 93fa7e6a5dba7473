/** A window, a connector and bridges between them, new for each test. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { buildHelper, install, oddFolder } from "../support.ts";
import { BridgeClient, type BridgeStart } from "./client.ts";
import { OddConnector } from "./connector.ts";
import { connectorName, startWindow, type TestWindow } from "./window.ts";

export interface Stage {
  readonly home: string;
  readonly connector: OddConnector;
  readonly url: string;
  window: TestWindow;
  readonly start: (name?: string, how?: BridgeStart) => BridgeClient;
  /** A bridge whose client has said that it is ready. */
  readonly begun: (declared?: object) => Promise<BridgeClient>;
  /** One that hears what the connector says by itself. */
  readonly streaming: (declared?: object) => Promise<BridgeClient>;
}

/** A home with the launcher in it, below a folder of an odd name: one for all tests of a file. */
export const useInstalledHome = (): (() => string) => {
  let folder: Awaited<ReturnType<typeof oddFolder>>;
  const home = (): string => join(folder.path, "home");
  beforeAll(async () => {
    folder = await oddFolder();
    await install(home(), await buildHelper(folder.path));
  });
  afterAll(() => folder.remove());
  return home;
};

/** The stage of the test that runs. */
export const useStage = (): (() => Stage) => {
  vi.setConfig({ testTimeout: 30_000 });
  const homeHere = useInstalledHome();
  let stage: Stage;
  const clients: BridgeClient[] = [];
  beforeEach(async () => {
    const home = homeHere();
    const connector = new OddConnector();
    const url = await connector.listen();
    stage = {
      ...{ home, connector, url, window: await startWindow(home, url) },
      start: (name = connectorName, how = {}) => {
        const client = new BridgeClient(home, name, how);
        clients.push(client);
        return client;
      },
      begun: async (declared) => {
        const client = stage.start();
        await client.begin(declared);
        return client;
      },
      streaming: async (declared) => {
        const client = await stage.begun(declared);
        await vi.waitFor(() => expect(connector.streams.size).toBe(1), 5000);
        return client;
      },
    };
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.child.kill("SIGKILL");
    await stage.window.stop();
    await stage.connector.close();
  });
  return () => stage;
};
