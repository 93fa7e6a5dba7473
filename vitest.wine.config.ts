import { defineConfig } from "vitest/config";
import { inRoot } from "./scripts/support/paths.ts";

/** Pure code: it starts nothing, and nothing of it outlives a test. */
const pure = ["test/unit/core/**/*.test.ts"];
const isWindows = process.platform === "win32";

/**
 * In the Windows of `scripts/wine/lab.ts`, where everything takes longer. Which files there are says `scripts/testWine.ts`.
 * On Linux: what looks at that Windows from outside.
 */
export default defineConfig({
  resolve: { alias: { vscode: inRoot("test/support/editor/vscode.ts") } },
  test: {
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    projects: isWindows
      ? [
          // A process for each file would take longer than most of the files.
          { extends: true, test: { name: "core", include: pure, isolate: false } },
          {
            extends: true,
            test: {
              name: "system",
              include: ["test/wine/**/*.wine.test.ts", "test/unit/**/*.test.ts", "test/process/**/*.test.ts"],
              exclude: pure,
            },
          },
        ]
      : [
          {
            extends: true,
            test: {
              name: "fromLinux",
              include: ["test/wine/fromLinux/**/*.test.ts"],
              fileParallelism: false,
              testTimeout: 240_000,
              expect: { poll: { timeout: 60_000, interval: 100 } },
            },
          },
        ],
  },
});
