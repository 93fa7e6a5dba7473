/**
 * Bundles src/ into dist/: `node scripts/build.ts [--dev]`. Production (the default) is minified; `--dev` has source maps.
 * The build also holds the houses apart: core resolves neither `vscode` nor Node, the helper no `vscode`.
 */
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { inRoot, root } from "./paths.ts";

interface Bundle {
  readonly name: string;
  readonly entryPoints: Readonly<Record<string, string>>;
  readonly external: readonly string[];
  /** Folders and files under src/ that this bundle may hold; everything when absent. */
  readonly houses?: readonly string[];
}

const extension: Bundle = {
  name: "extension",
  entryPoints: { extension: "src/extension.ts" },
  external: ["vscode"],
};
const helper: Bundle = {
  name: "helper",
  entryPoints: { helper: "src/helper/main.ts" },
  external: [],
  houses: ["src/core/", "src/ipc/", "src/helper/"],
};
const hostTests: Bundle = {
  name: "host-tests",
  entryPoints: { "test/host": "test/editor/host/index.ts" },
  external: ["vscode"],
};

/**
 * `await import("./x.ts")` becomes a file of its own, required when it is reached. esbuild splits ES modules only, and
 * VS Code's `main` has to be CommonJS: so split first, then turn each piece into CommonJS. Shared modules stay single
 * (`instanceof` holds across pieces), and the pieces cannot be circular: one piece holds what the same entries reach.
 */
const bundle = async (
  { name, entryPoints, external, houses }: Bundle,
  dev: boolean,
): Promise<readonly string[]> => {
  const minify = !dev;
  const split = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    external: [...external],
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    chunkNames: `${name}-[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    mainFields: ["module", "main"],
    minify,
    sourcemap: dev ? "inline" : false,
    metafile: true,
    write: false,
  });
  refuseWarnings(split.warnings);
  if (houses) refuseStrangers(name, Object.keys(split.metafile.inputs), houses);
  for (const file of split.outputFiles) {
    const piece = await esbuild.transform(file.text, {
      format: "cjs",
      platform: "node",
      target: "node22",
      supported: { "dynamic-import": false },
      minify,
      sourcemap: dev ? "inline" : false,
      sourcefile: basename(file.path),
    });
    refuseWarnings(piece.warnings);
    await replaceFile(file.path, piece.code);
  }
  const meta = inRoot("dist", `meta-${name}.json`);
  await replaceFile(meta, JSON.stringify(split.metafile));
  return [meta, ...split.outputFiles.map((file) => file.path)];
};

/** Whole or not at all: another build, or a program that reads dist/, may run at the same time. */
const replaceFile = async (path: string, content: string): Promise<void> => {
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, content);
  await rename(draft, path);
};

/** Bundles all of core with nothing external and throws the result away: an import of `vscode` or `node:*` does not resolve. */
const proveCorePure = async (): Promise<void> => {
  const files = await readdir(inRoot("src/core"), { recursive: true });
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: files
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `src/core/${file.split(sep).join("/")}`),
    outdir: "dist/never-written",
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    metafile: true,
    write: false,
  });
  refuseWarnings(result.warnings);
  refuseStrangers("core", Object.keys(result.metafile.inputs), ["src/core/"]);
};

const refuseStrangers = (name: string, inputs: readonly string[], houses: readonly string[]): void => {
  const strangers = inputs.filter(
    (input) => !input.includes("node_modules/") && !houses.some((house) => input.startsWith(house)),
  );
  if (strangers.length > 0) {
    throw new Error(`${name} may hold ${houses.join(", ")} only, but it reaches ${strangers.join(", ")}.`);
  }
};

const refuseWarnings = (warnings: readonly esbuild.Message[]): void => {
  if (warnings.length === 0) return;
  throw new Error(esbuild.formatMessagesSync([...warnings], { kind: "warning" }).join("\n"));
};

/** The templates of the `lanyard` command, which the extension fills in where it runs. */
const copyLaunchers = async (): Promise<void> => {
  await mkdir(inRoot("dist"), { recursive: true });
  for (const name of ["launcher.sh", "launcher.cmd"]) {
    await copyFile(inRoot("src/helper", name), inRoot("dist", name));
  }
};

/** Builds everything that ships, and the suite that runs inside the editor; then removes what earlier builds left. */
export const build = async (options: { readonly dev?: boolean } = {}): Promise<void> => {
  const bundles = [extension, helper, hostTests];
  const [written] = await Promise.all([
    Promise.all(bundles.map((each) => bundle(each, options.dev === true))),
    copyLaunchers(),
    proveCorePure(),
  ]);
  const wanted = new Set(written.flat());
  for (const entry of await readdir(inRoot("dist"), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.cjs$|meta-.*\.json$/.test(entry.name) && !wanted.has(path))
      await rm(path, { force: true });
  }
};

if (import.meta.main) {
  const { values } = parseArgs({ options: { dev: { type: "boolean", default: false } } });
  const startMs = performance.now();
  await build(values);
  console.error(
    `Built ${relative(process.cwd(), inRoot("dist"))}/ in ${Math.round(performance.now() - startMs)} ms.`,
  );
}
