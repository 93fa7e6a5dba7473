import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { startDemo, type Demo, type DemoReady } from "../../scripts/demo.ts";
import { startEditor, type Editor } from "../../scripts/editor/server.ts";
import { demoSettings } from "../../scripts/editor/settings.ts";
import { vsixPath } from "../../scripts/package.ts";
import { inRoot, shortTmp } from "../../scripts/support/paths.ts";
import { asAdministered, managedFolderIn } from "../support/administered.ts";
import { launchChromium } from "./chromium.ts";
import { showing } from "./sights.ts";
import { Workbench } from "./workbench.ts";

export interface WorldOptions {
  /** Names the world's logs under `artifacts/logs/`. */
  readonly name: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings of the machine scope. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** Lets pages run a suite in the extension host. */
  readonly extensionDevelopment?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Gives the editor an administrator's folder of its own (`managed`); takes root on Linux. */
  readonly isAdministered?: boolean;
  /** How long a push of the demo waits on the phone. */
  readonly pushSeconds?: number;
  /** How long the demo's access tokens live; its own time when left out. */
  readonly accessTokenSeconds?: number;
  /** How long the credentials of the demo's vault live; its own time when left out. */
  readonly credentialSeconds?: number;
}

/** A company, its editor with the VSIX installed, and a browser: all real, all of this test's own. */
export interface World extends AsyncDisposable {
  readonly demo: DemoReady;
  readonly editor: Editor;
  readonly browser: Browser;
  /** One person's browser: the editor keeps its secrets and settings in it. */
  readonly context: BrowserContext;
  readonly workspace: string;
  readonly lanyardHome: string;
  /** The home folder of everything in the world. */
  readonly home: string;
  /** The folder of the administrator's files, where the world has one. */
  readonly managed: string;
  /** All that the editor writes: settings, storage, logs. */
  readonly serverDataDir: string;
  /** Opens a window of the editor; `folder` is the demo's workspace unless named. */
  openWorkbench(folder?: string): Promise<Workbench>;
}

/** Starts a world. Nothing of it outlives `await using`, and nothing of it lies outside one temporary folder. */
export const startWorld = async (options: WorldOptions): Promise<World> => {
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(join(shortTmp, "lanyard-test-"));
  stack.defer(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  const [workspace, lanyardHome, home, serverDataDir] = [
    ...[join(root, "workspace"), join(root, "lanyard"), join(root, "home"), join(root, "editor")],
  ] as const;
  const managed = managedFolderIn(root);
  await Promise.all([mkdir(home), mkdir(managed)]);
  stack.defer(() => keepLogs(options.name, root));

  const [demo, editor, browser] = await settleAll([
    startDemo({ workspace, logFile: join(root, "demo.log"), ...timesOf(options) }).then(
      deferred(stack, (each: Demo) => each.stop()),
    ),
    startEditor({
      ...{ folder: workspace, lanyardHome, serverDataDir, vsix: vsixPath },
      settings: { ...demoSettings, ...options.settings },
      machineSettings: options.machineSettings ?? {},
      extensionDevelopment: options.extensionDevelopment ?? false,
      startedBy: options.isAdministered === true ? asAdministered(root) : [],
      env: { HOME: home, USERPROFILE: home, ...options.env },
    }).then(deferred(stack, (each: Editor) => each.dispose())),
    launchChromium(home).then(deferred(stack, (each: Browser) => each.close())),
  ]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  stack.defer(showing(options.name, context));

  const open = stack.move();
  return {
    ...{ demo: demo.ready, editor, browser, context, workspace, lanyardHome, home, managed, serverDataDir },
    openWorkbench: (folder) =>
      Workbench.open(context, folder === undefined ? editor.url : editor.urlOf(folder)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

const timesOf = ({
  pushSeconds,
  accessTokenSeconds,
  credentialSeconds,
}: WorldOptions): Pick<WorldOptions, "pushSeconds" | "accessTokenSeconds" | "credentialSeconds"> => ({
  ...(pushSeconds === undefined ? {} : { pushSeconds }),
  ...(accessTokenSeconds === undefined ? {} : { accessTokenSeconds }),
  ...(credentialSeconds === undefined ? {} : { credentialSeconds }),
});

const deferred =
  <T>(stack: AsyncDisposableStack, dispose: (value: T) => Promise<void>) =>
  (value: T): T => {
    stack.defer(() => dispose(value));
    return value;
  };

/** As `Promise.all`, but waits for all: what started is then known, and given back when another did not start. */
const settleAll = async <T extends readonly Promise<unknown>[]>(
  promises: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> => {
  await Promise.allSettled(promises);
  return Promise.all(promises);
};

const keepLogs = async (name: string, root: string): Promise<void> => {
  const kept = inRoot("artifacts/logs", name);
  for (const log of ["demo.log", "editor/server.log", "editor/data/logs"]) {
    if (existsSync(join(root, log))) await cp(join(root, log), join(kept, log), { recursive: true });
  }
};
