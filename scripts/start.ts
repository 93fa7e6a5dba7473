/**
 * The demo from nothing to a real editor: `npm start [-- --no-open] [--json] [--desktop] [--inspect PORT]`.
 * With `--inspect` the extension is built for development, and its host listens for a debugger on that port.
 * Progress goes to stderr; with `--json` stdout holds exactly one line, once all is ready.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.ts";
import { startDemo } from "./demo.ts";
import { startDesktop } from "./editor/desktop.ts";
import { installEditor } from "./editor/install.ts";
import { startEditor } from "./editor/server.ts";
import { demoSettings } from "./editor/settings.ts";
import { packVsix } from "./package.ts";
import { claimStateFolder } from "./support/stateFolder.ts";
import { welcome, type Welcome } from "./support/welcome.ts";

const { values: flags } = parseArgs({
  options: {
    open: { type: "boolean", default: true },
    json: { type: "boolean", default: false },
    desktop: { type: "boolean", default: false },
    inspect: { type: "string" },
  },
  allowNegative: true,
});

const progress = (line: string): void => console.error(line);

interface Part {
  readonly name: string;
  readonly log: string;
  readonly exited: Promise<number | null>;
}

/** Starts everything; `stack` gives it all back. */
const start = async (stack: AsyncDisposableStack): Promise<{ ready: Welcome; parts: readonly Part[] }> => {
  const folder = await claimStateFolder();
  const [workspace, lanyardHome] = [join(folder, "workspace"), join(folder, "home")];
  const demoLog = join(folder, "demo.log");
  progress("Starting the demo: an identity provider, a vault and eight connectors.");
  const startingDemo = startDemo({ workspace, logFile: demoLog }).then((demo) => {
    stack.defer(() => demo.stop());
    return demo;
  });
  const packing = pack(join(folder, "lanyard.vsix"));
  const installing = flags.desktop ? undefined : installEditor(progress);
  const [demo, vsix] = await Promise.all([startingDemo, packing, installing]);

  progress("Installing the extension and starting the editor.");
  const startAnEditor = flags.desktop ? startDesktop : startEditor;
  const dataDir = join(folder, "editor");
  const editor = await startAnEditor({
    ...{ folder: workspace, lanyardHome, serverDataDir: dataDir, vsix, settings: demoSettings, progress },
  });
  stack.defer(() => editor.dispose());
  const { idp, admin, users } = demo.ready;
  return {
    ready: { editor: debuggable(editor.url), idp, admin, workspace, lanyardHome, users },
    parts: [
      { name: "The demo", log: demoLog, exited: demo.exited },
      { name: "The editor", log: join(dataDir, "server.log"), exited: editor.exited },
    ],
  };
};

const pack = async (path: string): Promise<string> => {
  progress("Building and packing the extension.");
  await build({ dev: flags.inspect !== undefined });
  return packVsix({ path });
};

/** The editor's address, which also says on which port the extension host listens for a debugger. */
const debuggable = (url: string): string => {
  if (flags.inspect === undefined) return url;
  const payload = JSON.stringify([["inspect-extensions", flags.inspect]]);
  return `${url}&payload=${encodeURIComponent(payload)}`;
};

/** Opens an address as a person would; where that is not possible the address has been printed. */
const openInBrowser = (url: string): void => {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler", url]
        : ["xdg-open", url];
  spawn(command, args, { stdio: "ignore", detached: true })
    .on("error", () => progress("No browser could be opened here; open the editor's address yourself."))
    .unref();
};

/** A signal, or the end of the npm that started us (killed itself, it passes no signal on). */
const asked = new Promise<"asked">((resolve) => {
  const end = (): void => resolve("asked");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  const { ppid } = process;
  if (process.env["npm_lifecycle_event"] !== undefined) {
    setInterval(() => {
      if (process.ppid !== ppid) end();
    }, 500).unref();
  }
});

/** Runs until asked to end, or until a part ends by itself. Answers with the exit code. */
const main = async (): Promise<number> => {
  await using stack = new AsyncDisposableStack();
  const started = await Promise.race([start(stack), asked]);
  if (started === "asked") return 0;
  const { ready, parts } = started;
  process.stdout.write(flags.json ? `${JSON.stringify(ready)}\n` : welcome(ready));
  if (flags.open && !flags.desktop) openInBrowser(ready.editor);
  const first = await Promise.race([
    asked,
    ...parts.map((part) => part.exited.then((code) => ({ ...part, code }))),
  ]);
  progress("Ending the editor and the demo.");
  if (first === "asked") return 0;
  if (flags.desktop && first.name === "The editor") return first.code ?? 1;
  progress(`${first.name} ended by itself with ${first.code ?? "a signal"}. Its log: ${first.log}`);
  return 1;
};

process.exitCode = await main().catch((error: unknown) => {
  progress(error instanceof Error ? error.message : String(error));
  return 1;
});
process.exit();
