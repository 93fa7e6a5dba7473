import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { inRoot } from "../../scripts/support/paths.ts";
import { Door, type DoorOptions } from "./door.ts";
import { referenceServer } from "./referenceServer.ts";
import { stageWith, type Stage } from "./stage.ts";
import { countOf, differences, installSuite, runScenarios, type Outcomes } from "./suite.ts";
import type { Rpc } from "../../demo/mcp/wire.ts";

const revisions = ["2025-11-25", "2026-07-28"] as const;
const folder = (name: string): string => inRoot("artifacts/conformance", name);

/** A tenth of what is called: by its name, so that the same break off with a bridge and without. */
const aTenth = ({ params }: Rpc): boolean => {
  const name = params?.name ?? params?.uri ?? "";
  return Buffer.from(name).reduce((sum, each) => (sum * 31 + each) % 10_007, 7) % 10 === 0;
};

const direct = new Map<string, Promise<Outcomes>>();

/** What the connector comes to without a bridge. */
const directly = (revision: string, options: Partial<DoorOptions> = {}): Promise<Outcomes> => {
  const run = async (): Promise<Outcomes> => {
    const door = new Door({ converse: referenceServer(), ...options });
    const outcomes = await runScenarios(await door.listen(), revision, folder(`direct-${revision}`));
    await door.close();
    return outcomes;
  };
  const key = `${revision} ${Object.keys(options).join(" ")}`;
  const known = direct.get(key) ?? run();
  direct.set(key, known);
  return known;
};

let stage: Stage | undefined;

beforeAll(() => installSuite());
afterEach(async () => {
  await stage?.stop();
  stage = undefined;
});

const compared = async (
  revision: string,
  name: string,
  expected: Outcomes,
  meanwhile: (over: AbortSignal) => Promise<void> = () => Promise.resolve(),
): Promise<void> => {
  const over = new AbortController();
  const disturbing = meanwhile(over.signal);
  const through = await runScenarios(stage?.url ?? "", revision, folder(`${name}-${revision}`));
  over.abort();
  await disturbing;
  const scenarios = new Set([...expected.keys()].map((key) => key.split(":")[0])).size;
  const different = differences(expected, through);
  console.log(
    `${revision}, ${name}: ${scenarios} scenarios, ${expected.size} checks, ${countOf(expected, "SUCCESS")} of them ` +
      `good directly; differences ${different.length}`,
  );
  expect(different).toEqual([]);
  expect(countOf(expected, "SUCCESS")).toBeGreaterThan(60);
};

describe.each(revisions)("every scenario of the suite for servers, %s", (revision) => {
  test("is the same through the bridge", async () => {
    stage = await stageWith({ converse: referenceServer() });
    await compared(revision, "undisturbed", await directly(revision));
  });

  test("is the same with the agent killed and back again and again", async () => {
    const here = await stageWith({ converse: referenceServer() });
    stage = here;
    await compared(revision, "agent killed", await directly(revision), async (over) => {
      while (!over.aborted) {
        await delay(400);
        await here.restart();
      }
    });
  });

  test("is the same with a tenth of the streams cut", async () => {
    const cuts = aTenth;
    stage = await stageWith({ converse: referenceServer(), cuts });
    // What breaks off for good at a server of 2026-07-28 does so without a bridge as well.
    await compared(
      revision,
      "streams cut",
      await directly(revision, revision === "2026-07-28" ? { cuts } : {}),
    );
  });
});

test("2025-11-25 is the same with the server's session dropped again and again", async () => {
  stage = await stageWith({ converse: referenceServer(), drops: (count) => count % 3 === 0 });
  await compared("2025-11-25", "session dropped", await directly("2025-11-25"));
});

test("a client of 2025-11-25 has the same of a connector that speaks 2026-07-28 alone", async () => {
  stage = await stageWith({ converse: referenceServer("modern") });
  await compared("2025-11-25", "translated", await directly("2025-11-25"));
});
