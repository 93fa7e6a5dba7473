/** Packs dist/lanyard.vsix out of the built extension: `node scripts/package.ts [--pre-release]`. */
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { inRoot, root } from "./support/paths.ts";
import { run } from "./support/processes.ts";
import { readZip, writeZip } from "./support/zip.ts";

export const vsixPath = inRoot("dist", "lanyard.vsix");

export interface PackOptions {
  /** Where it goes. */
  readonly path?: string;
  /** Marks it for the marketplaces' pre-release channel. */
  readonly preRelease?: boolean;
}

/**
 * Packs what `.vscodeignore` allows; everything is bundled, so no dependency is packed. The archive is then written
 * anew, so that one commit gives one hash. Answers with the VSIX's path.
 */
export const packVsix = async (options: PackOptions = {}): Promise<string> => {
  const path = options.path ?? vsixPath;
  const draft = `${path}.${process.pid}`;
  const vsce = inRoot("node_modules/@vscode/vsce/vsce");
  const channel = options.preRelease === true ? ["--pre-release"] : [];
  try {
    await run(process.execPath, [vsce, "package", "--no-dependencies", ...channel, "--out", draft], {
      cwd: root,
    });
    const entries = [...readZip(await readFile(draft))].map(
      ([name, content]) => [name, compact(name, content)] as const,
    );
    await writeFile(draft, writeZip(new Map(entries)));
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
};

/** JSON says the same without its white space. */
const compact = (name: string, content: Buffer): Buffer =>
  name.endsWith(".json") ? Buffer.from(JSON.stringify(JSON.parse(content.toString()))) : content;

/** What a download is compared with. */
export const sha256 = async (path: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

if (import.meta.main) {
  const { values } = parseArgs({ options: { "pre-release": { type: "boolean", default: false } } });
  const path = await packVsix({ preRelease: values["pre-release"] });
  const { byteLength } = await readFile(path);
  console.error(`Packed ${path}, ${Math.round(byteLength / 1000)} kB, SHA-256 ${await sha256(path)}.`);
}
