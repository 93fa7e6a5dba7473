/** Packs dist/lanyard.vsix out of the built extension: `node scripts/package.ts`. */
import { stat } from "node:fs/promises";
import { createVSIX } from "@vscode/vsce";
import { inRoot, root } from "./paths.ts";

export const vsixPath = inRoot("dist", "lanyard.vsix");

/** Packs what `.vscodeignore` allows; everything is bundled, so no dependency is packed. Answers with the VSIX's path. */
export const packVsix = async (packagePath = vsixPath): Promise<string> => {
  await createVSIX({
    cwd: root,
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
  });
  return packagePath;
};

if (import.meta.main) {
  const { size } = await stat(await packVsix());
  console.error(`Packed ${vsixPath}, ${Math.round(size / 1024)} KiB.`);
}
