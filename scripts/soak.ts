/** The soak: `npm run soak -- --minutes N --seed S`. One that fails says its seed. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { inRoot } from "./support/paths.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "2" }, seed: { type: "string", default: "1" } },
});
const { status } = spawnSync(
  process.execPath,
  [inRoot("node_modules/vitest/vitest.mjs"), "run", "--config", "vitest.soak.config.ts"],
  {
    cwd: inRoot(),
    stdio: "inherit",
    env: { ...process.env, LANYARD_SOAK_MINUTES: values.minutes, LANYARD_SOAK_SEED: values.seed },
  },
);
console.log(
  status === 0 ? `The soak of seed ${values.seed} held.` : `The soak failed. Seed: ${values.seed}.`,
);
process.exitCode = status ?? 1;
