import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { inRoot } from "../../../scripts/support/paths.ts";

const mostBytes = 40_000;

test("what a bridge loads at its start is small", async () => {
  const { metafile } = await esbuild.build({
    ...{ absWorkingDir: inRoot(), entryPoints: ["src/bridge/main.ts"], outdir: "dist" },
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", target: "node22", minify: true },
    ...{ metafile: true, write: false },
  });
  const sizes = new Map(Object.entries(metafile.outputs));
  const loaded = new Set<string>(["dist/main.js"]);
  for (const path of loaded)
    for (const { path: next, kind } of sizes.get(path)?.imports ?? [])
      if (kind === "import-statement" && sizes.has(next)) loaded.add(next);
  const bytes = [...loaded].reduce((sum, path) => sum + (sizes.get(path)?.bytes ?? 0), 0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(mostBytes);
});
