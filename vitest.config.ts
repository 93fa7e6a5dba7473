import { defineConfig } from "vitest/config";

/** What needs no editor: pure code, and the helper as a real process. */
export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts", "test/process/**/*.test.ts"],
    passWithNoTests: true,
  },
});
