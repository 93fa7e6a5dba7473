import { defineConfig } from "vitest/config";

/** What needs no editor: pure code, and the helper as a real process. The limits leave room for a busy machine. */
export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts", "test/process/**/*.test.ts"],
    passWithNoTests: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
