import { defineConfig } from "vitest/config";
import { inRoot } from "./scripts/support/paths.ts";

/** What the mutants of one file are tried against: the tests that `scripts/mutation.ts` names for it. */
export default defineConfig({
  resolve: { alias: { vscode: inRoot("test/support/editor/vscode.ts") } },
  test: {
    include: (process.env["LANYARD_MUTATION_TESTS"] ?? "test/unit/**/*.test.ts").split(","),
    // What a mutant needs is what Stryker measures; under its instruments the limits of these do not hold.
    testNamePattern: /^(?!.*in a time that grows)/,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
