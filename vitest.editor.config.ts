import { defineConfig } from "vitest/config";

/** The suite in the real editor: one editor and one browser at a time, and time for a machine that is busy. */
export default defineConfig({
  test: {
    include: ["test/editor/**/*.editor.test.ts"],
    globalSetup: ["test/editor/setup.ts"],
    setupFiles: ["test/editor/failures.ts"],
    fileParallelism: false,
    maxWorkers: 1,
    // A machine of CI may be busy with other things for a moment; what fails twice has failed.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    teardownTimeout: 30_000,
    expect: { poll: { timeout: 30_000, interval: 100 } },
  },
});
