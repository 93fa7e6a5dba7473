import { defineConfig } from "vitest/config";

/** The bridge against the protocol's own conformance suite, which npm has. */
export default defineConfig({
  test: {
    include: ["test/conformance/**/*.conformance.test.ts"],
    maxWorkers: 1,
    // A machine of CI may be busy with other things for a moment; what fails twice has failed.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
