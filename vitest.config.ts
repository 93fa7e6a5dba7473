import { defineConfig } from "vitest/config";
import { inRoot } from "./scripts/support/paths.ts";

/** What needs no editor: pure code, and the helper as a real process. The limits leave room for a busy machine. */
export default defineConfig({
  resolve: { alias: { vscode: inRoot("test/support/editor/vscode.ts") } },
  test: {
    include: ["test/unit/**/*.test.ts", "test/process/**/*.test.ts", "facade/test/**/*.test.ts"],
    passWithNoTests: true,
    // Helpers have deadlines of seconds, and a machine of CI may be busy for a moment; what fails twice has failed.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: { provider: "v8", include: ["src/editor/**"], reporter: ["text", "text-summary"] },
  },
});
