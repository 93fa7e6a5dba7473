import { build } from "../../scripts/build.ts";
import { installEditor } from "../../scripts/editor/install.ts";
import { packVsix } from "../../scripts/package.ts";
import { findChromium } from "./chromium.ts";

/** Before the first test: the VSIX as it ships, the editor and the browser. */
export default async function setup(): Promise<void> {
  const progress = (line: string): void => console.error(line);
  await build();
  await Promise.all([packVsix(), installEditor(progress), findChromium(progress)]);
}
