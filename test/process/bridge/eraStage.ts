/** A window, a connector of either era or of both, and clients of either between them; new for each test. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { Door, type Asked } from "../../conformance/door.ts";
import { referenceServer, type Eras } from "../../conformance/referenceServer.ts";
import { names, type Rpc } from "../../../demo/mcp/wire.ts";
import { grants } from "../../support/grants.ts";
import { buildHelper, install, oddFolder } from "../support.ts";
import { BridgeClient, type Reply } from "./client.ts";
import { connectorName, startWindow, token, type TestWindow } from "./window.ts";

/** A client of MCP 2026-07-28: it says in each request who asks. */
export class ModernClient extends BridgeClient {
  declared: object = { elicitation: { url: {} } };
  isModern = true;
  more: object = {};

  override ask(method: string, params: object = {}, ms?: number): Promise<Reply> {
    return super.ask(method, this.isModern ? { ...params, _meta: this.meta } : params, ms);
  }

  get meta(): object {
    return {
      [names.version]: "2026-07-28",
      [names.clientInfo]: { name: "test", version: "1" },
      [names.capabilities]: this.declared,
      ...this.more,
    };
  }

  /** Once its process is there. */
  async up(): Promise<this> {
    this.send("no message");
    await vi.waitFor(() => expect(this.stderr).toMatch(/is no message/), 10_000);
    return this;
  }
}

export interface EraStage {
  readonly door: Door;
  readonly window: TestWindow;
  readonly modern: () => ModernClient;
  /** One that begins with `initialize`, and has begun. */
  readonly older: (declared?: object) => Promise<BridgeClient>;
  /** What the connector was asked by this name. */
  readonly of: (method: string) => readonly Asked[];
}

export const needsConnection = (): ReturnType<typeof grants.needsConnection> =>
  grants.needsConnection({ url: "https://vault.example.com/connect?canary", intervalMs: 100 });

type Open = (eras?: Eras, cuts?: (request: Rpc) => boolean) => Promise<EraStage>;

/** Each stage has a home of its own: what the bridge remembers of a connector stands there. */
export const useEras = (): Open => {
  vi.setConfig({ testTimeout: 30_000 });
  let folder: Awaited<ReturnType<typeof oddFolder>>;
  let bundle: string;
  let homes = 0;
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    folder = await oddFolder();
    bundle = await buildHelper(folder.path);
  });
  afterAll(() => folder.remove());
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return async (eras = "modern", cuts = () => false) => {
    homes += 1;
    const home = join(folder.path, `home${homes}`);
    await install(home, bundle);
    const door = new Door({ converse: referenceServer(eras), authorization: `Bearer ${token}`, cuts });
    const window = await startWindow(home, await door.listen());
    ends.push(
      () => door.close(),
      () => window.stop(),
    );
    const started = <C extends BridgeClient>(client: C): C => {
      ends.push(() => Promise.resolve(client.child.kill("SIGKILL")));
      return client;
    };
    return {
      ...{ door, window },
      modern: () => started(new ModernClient(home, connectorName)),
      older: async (declared) => {
        const client = started(new BridgeClient(home, connectorName));
        await client.begin(declared);
        return client;
      },
      of: (method) => door.requests.filter((each) => each.method === method),
    };
  };
};
