import { defineConfig } from "vitest/config";
import { inRoot } from "./scripts/support/paths.ts";

/** In the Windows of `scripts/wine/lab.ts`, where everything takes longer. Which files there are says `scripts/testWine.ts`. */
export default defineConfig({
  resolve: { alias: { vscode: inRoot("test/support/editor/vscode.ts") } },
  test: {
    include: ["test/wine/**/*.wine.test.ts", "test/unit/**/*.test.ts", "test/process/**/*.test.ts"],
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
