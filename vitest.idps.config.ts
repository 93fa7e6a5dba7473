import { defineConfig } from "vitest/config";

/** Against identity providers that nobody here wrote, one file a provider. */
export default defineConfig({
  test: {
    include: ["test/idps/**/*.idps.test.ts"],
    globalSetup: ["test/idps/setup.ts"],
    maxWorkers: 2,
    // A machine of CI may be busy with other things for a moment; what fails twice has failed.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 500_000,
    expect: { poll: { timeout: 30_000, interval: 100 } },
  },
});
