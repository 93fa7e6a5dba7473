import { defineConfig } from "vitest/config";

/** Minutes of everything at once; outside of `npm test`. */
export default defineConfig({
  test: { include: ["test/soak/**/*.soak.test.ts"], hookTimeout: 120_000 },
});
