/**
 * Bundles src/ into dist/: `node scripts/build.ts [--dev]`. Production (the default) is minified; `--dev` has source maps.
 * `scripts/watch.ts` builds for development at every change.
 * The build also holds the layers apart: core resolves neither `vscode` nor Node, the helper no `vscode`. And it
 * writes down whose packages are in what ships, and refuses those whose license forbids it.
 */
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { inRoot, root } from "./support/paths.ts";
import { joinPieces, type Outputs, type Piece } from "./build/joinPieces.ts";
import { supplyChainOf } from "./supplyChain/supplyChain.ts";

interface Bundle {
  readonly name: string;
  readonly entryPoints: Readonly<Record<string, string>>;
  /** Whether it goes into the VSIX, so that its packages have to be accounted for. */
  readonly ships: boolean;
}

/**
 * The programs that run without the editor: each is what its file reaches, may hold these folders alone and never
 * `vscode`. They are bundled with the extension, so that what both hold (zod above all) ships once.
 */
const programs: readonly { readonly entry: string; readonly layers: readonly string[] }[] = [
  { entry: "helper", layers: ["src/core/", "src/ipc/", "src/node/", "src/bridge/", "src/helper/"] },
  { entry: "uninstall", layers: ["src/core/", "src/ipc/", "src/node/", "src/helper/"] },
];

/** What is loaded at once, and is to stay small: by a helper, a bridge, an editor, and an editor that has connectors. */
const starts = ["src/helper/main.ts", "src/helper/bridge.ts", "src/extension.ts", "src/composition.ts"];

const shipped: Bundle = {
  name: "extension",
  ships: true,
  entryPoints: {
    extension: "src/extension.ts",
    helper: "src/helper/main.ts",
    uninstall: "src/helper/uninstall.ts",
  },
};
const hostTests: Bundle = {
  name: "host-tests",
  ships: false,
  entryPoints: { "test/host": "test/editor/host/index.ts" },
};

/**
 * zod's writers of JSON schemas, which each schema carries along: what ships only checks with its schemas, and
 * `scripts/schema.ts` writes down what is to be written.
 */
const withoutJsonSchemas: esbuild.Plugin = {
  name: "without-json-schemas",
  setup: (building) => {
    const filter = /zod[\\/]v4[\\/]core[\\/](?:to-json-schema|json-schema-processors)\.js$/;
    building.onLoad({ filter }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const names = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name = ""]) => name);
      const none = 'const none=()=>()=>{throw new Error("No JSON schema is written here.")};';
      return { contents: none + names.map((name) => `export const ${name}=none;`).join("") };
    });
  },
};

/**
 * `await import("./x.ts")` becomes a file of its own, required when it is reached. esbuild splits ES modules only, and
 * VS Code's `main` has to be CommonJS: so split first, then turn each piece into CommonJS. Shared modules stay single
 * (`instanceof` holds across pieces), and the pieces cannot be circular: one piece holds what the same entries reach.
 */
const bundle = async (
  { name, entryPoints, ships }: Bundle,
  { dev, outdir }: Required<BuildOptions>,
): Promise<readonly string[]> => {
  const minify = !dev;
  const split = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    external: ["vscode"],
    outdir,
    outExtension: { ".js": ".cjs" },
    chunkNames: ships ? "[name]-[hash]" : `${name}-[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    mainFields: ["module", "main"],
    minify,
    sourcemap: dev ? "inline" : false,
    legalComments: "none",
    plugins: [withoutJsonSchemas],
    // The names of the pieces hold a hash of paths too: those of the packages are then the same wherever they lie.
    preserveSymlinks: true,
    metafile: true,
    write: false,
  });
  refuseWarnings(split.warnings);
  const rename = renaming(entryPoints, split.metafile.outputs, outdir);
  const pieces = await Promise.all(
    split.outputFiles.map(async ({ path, text }): Promise<Piece> => {
      const target = rename(relative(root, path).split(sep).join("/"));
      return { path: target, code: await toCommonJs(rename(text), basename(target), dev) };
    }),
  );
  if (ships && !dev) {
    for (const [path, text] of await supplyChainOf(split.metafile)) await replaceFile(path, text);
  }
  const metafile = JSON.parse(rename(JSON.stringify(split.metafile))) as esbuild.Metafile;
  const joined = ships && !dev ? joinPieces(pieces, metafile.outputs, starts) : { pieces, ...metafile };
  for (const { path, code } of joined.pieces) await replaceFile(inRoot(path), code);
  const meta = inRoot(outdir, `meta-${name}.json`);
  await replaceFile(meta, JSON.stringify({ ...metafile, outputs: joined.outputs }));
  return [meta, ...joined.pieces.map(({ path }) => inRoot(path))];
};

/**
 * Checks what the programs hold, and gives the pieces of the helper its name: the launchers take along what carries it.
 * @returns what replaces the names of files in a text.
 */
const renaming = (
  entryPoints: Bundle["entryPoints"],
  outputs: Outputs,
  outdir: string,
): ((text: string) => string) => {
  const names = new Map<string, string>();
  for (const { entry, layers } of programs.filter((program) => program.entry in entryPoints)) {
    const reached = reachedFrom(`${outdir}/${entry}.cjs`, outputs);
    refuseStrangers(entry, reached, outputs, layers);
    if (entry !== "helper") continue;
    for (const path of reached)
      if (basename(path) !== `${entry}.cjs`) names.set(basename(path), `helper-${basename(path)}`);
  }
  // Not begun within a word: an inline source map is one word of megabytes, and each of its letters would be tried.
  return (text) => text.replaceAll(/(?<![\w-])[\w-]+\.cjs/g, (file) => names.get(file) ?? file);
};

/**
 * VS Code's API is asked for once a piece, and taken as it is: for a namespace esbuild copies all its properties, some
 * hundreds, in every module. That took half of the activation.
 */
const withPlainApi = (text: string): string => {
  let first: string | undefined;
  return text.replaceAll(/import\s*\*\s*as ([\w$]+)\s*from\s*"vscode";/g, (_statement, name: string) => {
    const value = first ?? 'require("vscode")';
    first ??= name;
    return `const ${name} = ${value};`;
  });
};

/**
 * A piece's exports as one object of getters, and its lazy pieces as plain requires. esbuild's own way copies five
 * functions into every piece: a sixteenth of what ships. Pieces export at their end and are not circular.
 */
const withPlainModules = (text: string): string =>
  text
    .replace(
      /\bexport\s*\{([^{}]*)\};?(?=\s*(?:\/\/# sourceMappingURL=\S*\s*)?$)/,
      (_statement, list: string) => `module.exports={${[...list.matchAll(exported)].map(getter).join(",")}};`,
    )
    .replaceAll(
      /\bimport\("(\.\/[\w-]+\.cjs)"\)/g,
      (_call, path: string) => `Promise.resolve().then(()=>require("${path}"))`,
    );

const exported = /([\w$]+)(?:\s+as\s+([\w$]+))?/g;

const getter = ([, local = "", name = local]: RegExpExecArray): string => `get ${name}(){return ${local}}`;

const toCommonJs = async (text: string, sourcefile: string, dev: boolean): Promise<string> => {
  const piece = await esbuild.transform(withPlainModules(withPlainApi(text)), {
    format: "cjs",
    platform: "node",
    target: "node22",
    supported: { "dynamic-import": false },
    // `module` in what is an ES module else is meant as it stands.
    logOverride: { "commonjs-variable-in-esm": "silent" },
    minify: !dev,
    sourcemap: dev ? "inline" : false,
    sourcefile,
  });
  refuseWarnings(piece.warnings);
  return piece.code;
};

/** The file and all that it loads, at once or later. */
const reachedFrom = (path: string, outputs: Outputs, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const each of outputs[path]?.imports ?? []) if (!each.external) reachedFrom(each.path, outputs, seen);
  return seen;
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
  const { outputs } = result.metafile;
  refuseStrangers("core", new Set(Object.keys(outputs)), outputs, ["src/core/"]);
};

/** @throws when a program holds a source from outside its layers, or `vscode`. */
const refuseStrangers = (
  name: string,
  reached: ReadonlySet<string>,
  outputs: Outputs,
  layers: readonly string[],
): void => {
  const held = [...reached].map((path) => outputs[path]);
  const inputs = held.flatMap((output) => Object.keys(output?.inputs ?? {}));
  const strangers = [
    ...inputs.filter(
      (input) => !input.includes("node_modules/") && !layers.some((layer) => input.startsWith(layer)),
    ),
    ...held
      .flatMap((output) => output?.imports ?? [])
      .flatMap(({ path }) => (path === "vscode" ? [path] : [])),
  ];
  if (strangers.length > 0) {
    throw new Error(`${name} may hold ${layers.join(", ")} only, but it reaches ${strangers.join(", ")}.`);
  }
};

const refuseWarnings = (warnings: readonly esbuild.Message[]): void => {
  if (warnings.length === 0) return;
  throw new Error(esbuild.formatMessagesSync([...warnings], { kind: "warning" }).join("\n"));
};

/** The templates of the `lanyard` command, which the extension fills in where it runs. */
const copyLaunchers = async (outdir: string): Promise<void> => {
  await mkdir(inRoot(outdir), { recursive: true });
  for (const name of ["launcher.sh", "launcher.cmd"]) {
    await copyFile(inRoot("src/helper", name), inRoot(outdir, name));
  }
};

export interface BuildOptions {
  /** Readable, with source maps inside, and without the lists of what ships. */
  readonly dev?: boolean;
  /** Where it goes, from the repository's root; `dist` when left out. */
  readonly outdir?: string;
}

/** Builds everything that ships, and the suite that runs inside the editor; then removes what earlier builds left. */
export const build = async ({ dev = false, outdir = "dist" }: BuildOptions = {}): Promise<void> => {
  const bundles = [shipped, hostTests];
  const [written] = await Promise.all([
    Promise.all(bundles.map((each) => bundle(each, { dev, outdir }))),
    copyLaunchers(outdir),
    proveCorePure(),
  ]);
  const wanted = new Set(written.flat());
  for (const entry of await readdir(inRoot(outdir), { recursive: true, withFileTypes: true })) {
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
