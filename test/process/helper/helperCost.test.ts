/** What the helper costs, as a ratio that a busy machine leaves alone; `npm run bench` measures it exactly. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { againstCurl } from "../../../bench/rows/helper.ts";
import { openStage } from "../../../bench/parts/stage.ts";

/** The aim is 1.6. A Node process, or a second curl, on the way would be beyond this. */
const generous = 3;

test.skipIf(process.platform === "win32" || !existsSync("/bin/sh"))(
  "a helper that is granted costs little more than one curl",
  async () => {
    await using stage = await openStage({ connectors: 1 });
    const { ratio, subject, baseline } = await againstCurl(stage, 15);
    console.log(`Helper ${subject.toFixed(1)} ms, curl ${baseline.toFixed(1)} ms: ${ratio.toFixed(2)}.`);
    expect(ratio).toBeLessThan(generous);
  },
  120_000,
);
