import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startAcme, type Acme } from "../../demo/demo.ts";
import { headersOf } from "./contract.ts";
import { buildHelper, install, oddFolder, run, type Ran } from "./support.ts";
import { openWindow, signInTo, type TestWindow } from "./windowsSupport.ts";

/** Real processes that run the agent, real helpers, and the demo company behind them. */
export interface Company extends AsyncDisposable {
  readonly demo: Acme;
  readonly urlOf: (name: string) => string;
  /**
   * A person's machine, on which alice is signed in.
   *
   * @param prepare - what is done with its home before anything lies there.
   */
  readonly machine: (prepare?: (home: string) => void) => Promise<PersonsMachine>;
  readonly refreshes: () => Promise<{ readonly done: number; readonly failed: number }>;
}

export interface PersonsMachine extends AsyncDisposable {
  readonly home: string;
  readonly storage: string;
  /** A folder with a `.mcp.json` of these connectors, each under the name of another if so wished. */
  readonly workspace: (name: string, connectors: Readonly<Record<string, string>>) => Promise<string>;
  readonly open: (...folders: readonly string[]) => Promise<TestWindow>;
  /** What `lanyard status` says of all windows: each connector and its status. */
  readonly statusOf: (cwd: string) => Promise<readonly (readonly string[])[]>;
}

/** @param makeFolder - where all of it lies. */
export const openCompany = async (makeFolder = oddFolder): Promise<Company> => {
  const folder = await makeFolder();
  const bundle = await buildHelper(folder.path);
  const demo = await startAcme();
  let machines = 0;
  return {
    demo,
    urlOf: (name) => urlIn(demo, name),
    machine: async (prepare) => {
      machines += 1;
      const place = join(folder.path, `machine-${machines}`);
      await mkdir(join(place, "home"), { recursive: true, mode: 0o700 });
      prepare?.(join(place, "home"));
      await install(join(place, "home"), bundle);
      await signInTo(demo, join(place, "storage"));
      return machineAt(demo, place);
    },
    refreshes: async () => {
      const stats = (await (await fetch(`${demo.admin}/api/stats`)).json()) as Record<string, number>;
      return { done: stats["refreshes"] ?? 0, failed: stats["refreshFailures"] ?? 0 };
    },
    [Symbol.asyncDispose]: async () => {
      await demo.close();
      await folder.remove();
    },
  };
};

/** For one test file: a company, and a machine for each test. */
export interface MachineInUse extends Pick<PersonsMachine, "workspace" | "open" | "statusOf"> {
  readonly home: string;
  readonly urlOf: Company["urlOf"];
  readonly refreshes: Company["refreshes"];
}

/** @param makeFolder - where all of it lies. */
export const useMachine = (makeFolder = oddFolder): MachineInUse => {
  let company: Company;
  let machine: PersonsMachine;
  beforeAll(async () => {
    company = await openCompany(makeFolder);
  });
  afterAll(() => company[Symbol.asyncDispose]());
  beforeEach(async () => {
    machine = await company.machine();
  });
  afterEach(() => machine[Symbol.asyncDispose]());
  return {
    get home() {
      return machine.home;
    },
    workspace: (...given) => machine.workspace(...given),
    open: (...given) => machine.open(...given),
    statusOf: (cwd) => machine.statusOf(cwd),
    urlOf: (name) => company.urlOf(name),
    refreshes: () => company.refreshes(),
  };
};

/** Whose credential was printed, if one was. */
export const connectorOf = (ran: Ran): string | undefined =>
  /^Bearer acme_([a-z]+)_/.exec(headersOf(ran.stdout)["Authorization"] ?? "")?.[1];

const urlIn = (demo: Acme, name: string): string =>
  demo.connectors.find((one) => one.name === name)?.url ?? "";

const machineAt = (demo: Acme, place: string): PersonsMachine => {
  const [home, storage] = [join(place, "home"), join(place, "storage")];
  const windows: TestWindow[] = [];
  return {
    ...{ home, storage },
    workspace: (name, connectors) => writeWorkspace(demo, join(place, name), connectors),
    open: async (...folders) => {
      const opened = await openWindow({ home, storage, storageDelayMs: 300, folders });
      windows.push(opened);
      return opened;
    },
    statusOf: async (cwd) => {
      const ran = await run(["/bin/sh", join(home, "bin/lanyard"), "status", "--json"], {
        env: { PATH: process.env["PATH"] ?? "", LANYARD_HOME: home },
        cwd,
      });
      const { connectors } = JSON.parse(ran.stdout) as { connectors: { server: string; status: string }[] };
      return connectors.map(({ server, status }) => [server, status]).sort();
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of windows.splice(0)) {
        each.child.kill("SIGCONT");
        await each.kill();
      }
    },
  };
};

const writeWorkspace = async (
  demo: Acme,
  path: string,
  connectors: Readonly<Record<string, string>>,
): Promise<string> => {
  await mkdir(join(path, "deep/inside"), { recursive: true });
  const entries = Object.entries(connectors).map(([server, of]): [string, object] => [
    server,
    {
      type: "http",
      url: urlIn(demo, of),
      userAuth: {
        issuer: demo.idp,
        clientId: "lanyard",
        scopes: "openid profile email",
        credential: { source: "token-exchange", resource: urlIn(demo, of) },
      },
      headersHelper: "lanyard headers",
    },
  ]);
  await writeFile(join(path, ".mcp.json"), JSON.stringify({ mcpServers: Object.fromEntries(entries) }));
  return path;
};
