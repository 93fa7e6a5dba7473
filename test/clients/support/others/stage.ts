import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { endDaemonsOf } from "./daemons.ts";
import { shortTmp } from "../../../../scripts/support/paths.ts";
import { bridgeCommand } from "../../../../src/core/config/command/bridgeCommand.ts";
import { guardSentence } from "../../../../src/core/config/entry/headerValue.ts";
import { OddConnector } from "../../../process/bridge/connector.ts";
import { connectorName, startWindow, type TestWindow } from "../../../process/bridge/window.ts";
import { buildHelper, install, run, type Ran } from "../../../process/support.ts";
import { startModel, type Model, type ModelOptions } from "../model.ts";
import { drivers } from "./drivers.ts";
import type { Driver, Place, StagedClient } from "./driver.ts";

/** A client, a connector behind a bridge, the window that grants it, and a model; nothing of anybody else's. */
export interface Stage extends AsyncDisposable {
  readonly place: Place;
  readonly driver: Driver;
  readonly env: Readonly<Record<string, string>>;
  readonly connector: OddConnector;
  readonly model: Model;
  window: TestWindow;
  /** The window comes back. */
  restart(): Promise<void>;
  /** Gives the client a message, in the project's folder where nothing else is said, until it ends. */
  say(message: string, cwd?: string): Promise<Ran>;
}

/** A port on which nobody listens: whatever would leave this machine goes there. */
const nowhere = "http://127.0.0.1:9";

export const openStage = async (client: StagedClient, options: ModelOptions = {}): Promise<Stage> => {
  await using stack = new AsyncDisposableStack();
  const { path: base } = stack.use(await openHome());
  const [home, project] = [join(base, "home"), join(base, "project")];
  await mkdir(project, { recursive: true });
  stack.defer(() => endDaemonsOf(base));
  // Some clients hand no variables on: the home's own folder is where every bridge looks.
  const lanyardHome = join(home, ".lanyard");
  await install(lanyardHome, await buildHelper(base));
  const connector = new OddConnector();
  const url = await connector.listen();
  stack.defer(() => connector.close());
  const model = stack.use(await startModel(options));
  const entry = bridgeCommand(connectorName);
  const place: Place = { client, home, project, modelUrl: model.url, server: connectorName, entry };
  const driver = drivers[client.name];
  const file = join(project, ".mcp.json");
  const userAuth = { url, issuer: "https://idp.example.com", clientId: "lanyard" };
  const headers = { Authorization: guardSentence };
  await writeFiles({
    [file]: { mcpServers: { [connectorName]: { ...entry, userAuth, headers } } },
    ...driver.files(place),
  });
  const start = async (): Promise<TestWindow> => {
    const window = await startWindow(lanyardHome, url);
    window.load({ origin: { kind: "workspace", file, folder: project } });
    return window;
  };
  const state = { window: await start() };
  stack.defer(() => state.window.stop());
  const env = { ...machineEnv(home), ...driver.env(place) };
  for (const args of driver.before?.(place) ?? []) {
    const ran = await run([client.program, ...args], { cwd: project, env });
    if (ran.exitCode !== 0) throw new Error(`${client.title}: ${ran.stdout}${ran.stderr}`);
  }
  const open = stack.move();
  return Object.assign(state, {
    ...{ place, driver, env, connector, model },
    restart: async () => {
      state.window = await start();
    },
    say: (message: string, cwd = project) =>
      run([client.program, ...driver.once(message, place)], { cwd, env }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  });
};

/** A folder for one test. */
export const openHome = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await realpath(await mkdtemp(join(shortTmp, "lanyard-other-")));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  };
};

export const machineEnv = (home: string): Readonly<Record<string, string>> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: home,
  LANG: "C.UTF-8",
  SHELL: "/bin/sh",
  DO_NOT_TRACK: "1",
  HTTP_PROXY: nowhere,
  HTTPS_PROXY: nowhere,
  NO_PROXY: "127.0.0.1,localhost",
});

const writeFiles = async (files: Readonly<Record<string, string | object>>): Promise<void> => {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      typeof content === "string" ? content : `${JSON.stringify(content, undefined, 2)}\n`,
    );
  }
};
