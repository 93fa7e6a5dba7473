/** Brings the real VS Code into `.editor/` where it is missing: `node scripts/editor/install.ts`. */
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { inRoot } from "../support/paths.ts";
import { npm } from "../support/processes.ts";

/** The npm package that holds VS Code's server and workbench; 4.139.1 is VS Code 1.139.1. */
const packageName = "code-server";
const version = "4.139.1";

const server = join("node_modules", packageName, "lib/vscode");
const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];

/**
 * Answers with the path of the server's main module. A second call is instant. Native modules are not compiled: all the
 * editor misses is its log files, and `spdlog.ts` writes those.
 */
export const installEditor = async (progress: (line: string) => void): Promise<string> => {
  const home = inRoot(".editor", `${packageName}-${version}`);
  const main = join(home, server, "out/server-main.js");
  if (existsSync(main)) {
    // One that was brought by another system lies here too.
    if (process.platform === "win32") await standInForRegistry(join(home, server));
    return main;
  }

  await mkdir(inRoot(".editor"), { recursive: true });
  const draft = await mkdtemp(inRoot(".editor", "draft-"));
  const startMs = performance.now();
  const pulse = setInterval(() => {
    progress(`Still at it, ${Math.round((performance.now() - startMs) / 1000)} s.`);
  }, 10_000);
  try {
    progress(
      `Bringing VS Code (${packageName} ${version}) into .editor/: once, some 600 MB, half a minute or more.`,
    );
    await writeFile(join(draft, "package.json"), JSON.stringify({ private: true }));
    await npm(["install", `${packageName}@${version}`, ...quiet], { cwd: draft });
    progress("Bringing VS Code's own dependencies.");
    await npm(["install", "--omit=dev", ...quiet], { cwd: join(draft, server) });
    await build({
      entryPoints: [inRoot("scripts/editor/spdlog.ts")],
      outfile: join(draft, server, "node_modules/@vscode/spdlog/index.js"),
      allowOverwrite: true,
      format: "cjs",
      platform: "node",
    });
    await standInForRegistry(join(draft, server));
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(main)) throw error;
    });
  } finally {
    clearInterval(pulse);
    await rm(draft, { recursive: true, force: true });
  }
  return main;
};

/** On Windows a native module reads the registry, for policies alone. It is not compiled: there are none. */
const standInForRegistry = async (folder: string): Promise<void> => {
  const file = join(folder, "node_modules/@vscode/windows-registry/dist/index.js");
  if (existsSync(file))
    await writeFile(file, "exports.GetStringRegKey = exports.GetDWORDRegKey = () => undefined;\n");
};

if (import.meta.main) {
  console.error(await installEditor((line) => console.error(line)));
}
