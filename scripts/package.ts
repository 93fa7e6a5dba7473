/** Packs dist/lanyard.vsix out of the built extension: `node scripts/package.ts`. */
import { stat } from "node:fs/promises";
import { inRoot, root } from "./paths.ts";
import { run } from "./processes.ts";

export const vsixPath = inRoot("dist", "lanyard.vsix");

/** Packs what `.vscodeignore` allows; everything is bundled, so no dependency is packed. Answers with the VSIX's path. */
export const packVsix = async (path = vsixPath): Promise<string> => {
  const vsce = inRoot("node_modules/@vscode/vsce/vsce");
  const options = [
    "--no-dependencies",
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "--out",
    path,
  ];
  await run(process.execPath, [vsce, "package", ...options], { cwd: root });
  return path;
};

if (import.meta.main) {
  const { size } = await stat(await packVsix());
  console.error(`Packed ${vsixPath}, ${Math.round(size / 1024)} KiB.`);
}
