/** Renders media/icon.png, the marketplace's picture of Lanyard, out of media/lanyard.svg: `npm run icon`. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";
import * as z from "zod";
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

/** Red, green, blue and alpha of each pixel, as the browser reads the picture. */
const pixelsIn = async (tab: Page, picture: Buffer): Promise<Buffer> => {
  const url = JSON.stringify(`data:image/png;base64,${picture.toString("base64")}`);
  const read: unknown = await tab.evaluate(`(async () => {
    const image = new Image(); image.src = ${url}; await image.decode();
    const canvas = new OffscreenCanvas(${pixels}, ${pixels}).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return [...canvas.getImageData(0, 0, ${pixels}, ${pixels}).data];
  })()`);
  return Buffer.from(
    z
      .array(z.number())
      .length(pixels * pixels * 4)
      .parse(read),
  );
};

const chunk = (type: string, content: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.byteLength);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
};

/** As a PNG whose rows are not filtered: of flat colours that is the smallest, a quarter less than the browser's own. */
const packed = (rgba: Buffer): Buffer => {
  const width = pixels * 4;
  const rows = Array.from({ length: pixels }, (_, y) => rgba.subarray(y * width, (y + 1) * width));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(pixels, 0);
  head.writeUInt32BE(pixels, 4);
  head.set([8, 6], 8);
  const data = deflateSync(Buffer.concat(rows.flatMap((row) => [Buffer.of(0), row])), { level: 9 });
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
};

const home = await mkdtemp(join(shortTmp, "lanyard-icon-"));
try {
  await using stack = new AsyncDisposableStack();
  const browser = await launchChromium(home);
  stack.defer(() => browser.close());
  const tab = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  await tab.setContent(page(await readFile(inRoot("media/lanyard.svg"), "utf8")));
  await writeFile(
    inRoot("media/icon.png"),
    packed(await pixelsIn(tab, await tab.screenshot({ omitBackground: true }))),
  );
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
