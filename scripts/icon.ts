/** Renders media/icon.png, the marketplace's picture of Lanyard, out of media/lanyard.svg: `npm run icon`. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { launchChromium } from "../test/editor/chromium.ts";
import { inRoot, shortTmp } from "./support/paths.ts";

/** The marketplaces show it at 128 pixels or fewer; twice that is sharp on every screen. */
const pixels = 256;

const page = (drawing: string): string => `<!doctype html>
<style>
  body { margin: 0; background: transparent }
  .tile { width: ${pixels}px; height: ${pixels}px; border-radius: 52px; display: grid; place-items: center;
    background: #14213d }
  svg { width: 224px; height: 224px; stroke: #fff; stroke-width: 1.3 }
  svg > path:first-child { stroke: #fca311 }
  svg > rect:last-of-type { fill: #2a3b60 }
</style>
<div class="tile">${drawing}</div>`;

const home = await mkdtemp(join(shortTmp, "lanyard-icon-"));
try {
  await using stack = new AsyncDisposableStack();
  const browser = await launchChromium(home);
  stack.defer(() => browser.close());
  const tab = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  await tab.setContent(page(await readFile(inRoot("media/lanyard.svg"), "utf8")));
  await tab.screenshot({ path: inRoot("media/icon.png"), omitBackground: true });
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
