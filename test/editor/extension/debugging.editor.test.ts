import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { build } from "../../../scripts/build.ts";
import { inRoot } from "../../../scripts/support/paths.ts";
import { startWorld, type World } from "../harness.ts";
import { Inspector, type Place } from "../inspector.ts";
import { Workbench } from "../workbench.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

const folder = "artifacts/dev-extension";

/** The extension as `npm run watch` builds it, in a folder of its own, for `dist/` holds what ships. */
const buildForDevelopment = async (): Promise<void> => {
  await rm(inRoot(folder), { recursive: true, force: true });
  await mkdir(inRoot(folder), { recursive: true });
  for (const name of ["package.json", "package.nls.json", "media", "l10n"]) {
    await cp(inRoot(name), inRoot(folder, name), { recursive: true });
  }
  await build({ dev: true, outdir: `${folder}/dist` });
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** Where a source says something, for the first time. */
const placeOf = async (source: string, words: string): Promise<Place> => {
  const lines = (await readFile(inRoot(source), "utf8")).split("\n");
  const at = lines.findIndex((line) => line.includes(words));
  expect(at, `${source} says ${words}`).toBeGreaterThanOrEqual(0);
  return { source, line: at + 1 };
};

/** A window whose extension host listens for a debugger, with the extension under development. */
const openForDebugging = async (world: World, port: number): Promise<Workbench> => {
  const remote = `vscode-remote://127.0.0.1:${world.editor.port}${pathToFileURL(inRoot(folder)).pathname}`;
  const payload = [
    ["extensionDevelopmentPath", remote],
    ["inspect-extensions", String(port)],
  ];
  return Workbench.open(
    world.context,
    `${world.editor.url}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
  );
};

test("a breakpoint in a source is hit in the extension host of the real editor", async () => {
  await buildForDevelopment();
  await using world = await startWorld({
    name: "debugging",
    extensionDevelopment: true,
    settings: { "security.workspace.trust.enabled": false },
  });
  const port = await freePort();
  const workbench = await openForDebugging(world, port);
  await workbench.showLanyard();
  // Its rows are there once the extension has started, so that its scripts are known to whoever attaches.
  await expect.poll(async () => (await workbench.tree()).length).toBeGreaterThan(0);
  await using inspector = await Inspector.attach(port);
  const place = await placeOf("src/editor/commands.ts", '"workbench.action.openWalkthrough"');
  expect(await inspector.breakAt(place)).toBe(1);

  const pausing = awaitedLater(inspector.nextPause());
  await workbench.run("Lanyard: Get Started");
  const { source, line } = await pausing;
  expect(source).toMatch(/src\/editor\/commands\.ts$/);
  expect(line).toBe(place.line);
  await inspector.resume();
  await expect.poll(async () => (await workbench.walkthrough()).length).toBeGreaterThan(0);
});
