import { defineConfig } from "vitest/config";

/** Against the real clients, as npm has them. What waits in one file (a helper of 10 s) lets another go on. */
export default defineConfig({
  test: {
    include: ["test/clients/**/*.clients.test.ts"],
    globalSetup: ["test/clients/setup.ts"],
    maxWorkers: 2,
    maxConcurrency: 3,
    // A machine of CI may be busy with other things for a moment; what fails twice has failed.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
