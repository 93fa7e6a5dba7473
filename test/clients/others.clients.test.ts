import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { goodGrant, token } from "../process/bridge/window.ts";
import { grants } from "../support/grants.ts";
import { isNamed } from "./support/model.ts";
import type { StagedClient } from "./support/others/driver.ts";
import { drivers } from "./support/others/drivers.ts";
import { openStage, type Stage } from "./support/others/stage.ts";
import { leaveCells } from "./support/tables.ts";

/** Real clients call through the bridge in one session, while the right to the connector comes and goes. */

const canary = "url-canary";

interface Step {
  /** What happens before the call. */
  readonly before: (stage: Stage) => Promise<void>;
  /** What the model reads of it. */
  readonly reads: RegExp;
  readonly reaches: boolean;
}

const answers = async ({ window }: Stage, answer: Stage["window"]["answer"]): Promise<void> => {
  window.answer = answer;
  await window.check();
};

/** After each refusal stands a call that works: one client leaves after three that fail. */
const steps: readonly Step[] = [
  { before: () => Promise.resolve(), reads: /n0/, reaches: true },
  {
    before: (stage) =>
      answers(stage, () => grants.needsConnection({ url: `https://vault.example.com/${canary}` })),
    reads: /Access has to be authorized once/,
    reaches: false,
  },
  { before: (stage) => answers(stage, goodGrant), reads: /n2/, reaches: true },
  {
    before: (stage) => answers(stage, grants.denied),
    reads: /Denied by policy \(Contractors may not\)/,
    reaches: false,
  },
  { before: (stage) => answers(stage, goodGrant), reads: /n4/, reaches: true },
  { before: ({ window }) => window.stop(), reads: /Lanyard is not running/, reaches: false },
  { before: (stage) => stage.restart(), reads: /n6/, reaches: true },
];

const elsewhereReason = /The connector of this name is for .+\. Run it in that folder/;

const begin = "Please begin now";

/** One session of a client, with all of the steps in it. */
const play = async (client: StagedClient): Promise<Stage> => {
  const opened: { stage?: Stage } = {};
  const next = async (answered: number): Promise<string | undefined> => {
    const step = steps[answered];
    if (step === undefined || opened.stage === undefined) return undefined;
    await step.before(opened.stage);
    return `call echo {"text":"n${answered}"}`;
  };
  const stage = await openStage(client, { next });
  opened.stage = stage;
  const ran = await stage.say(begin);
  if (stage.model.toolResults.length < steps.length)
    console.error(`${client.title} said:\n${ran.stdout.slice(-3000)}\n${ran.stderr.slice(-3000)}`);
  return stage;
};

const others = inject("otherClients");

/** Claude Code does what the others do, and has its rows beside them. */
const claudeCodes = inject("claudeCodes").map((client): StagedClient => {
  return { ...client, name: "claude-code", title: "Claude Code", cache: "" };
});
const clients: readonly StagedClient[] = [...claudeCodes, ...others];

describe.skipIf(clients.length === 0)("through the bridge", () => {
  test.concurrent.for(clients)(
    "$title $version lists, calls, and hears why not",
    async (client, { expect }) => {
      await using stage = await play(client);
      const { model, connector } = stage;
      expect(model.toolResults).toHaveLength(steps.length);
      for (const [index, { reads }] of steps.entries()) expect(model.toolResults[index]).toMatch(reads);
      expect(model.tools.some((tool) => isNamed(tool, "echo"))).toBe(true);
      const reached = connector.of("tools/call").map(({ raw }) => /"(n\d)"/.exec(raw)?.[1]);
      expect(reached).toEqual(steps.flatMap(({ reaches }, index) => (reaches ? [`n${index}`] : [])));
      expect(connector.seen.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
      // Nothing that the model read holds a page of the vault or a credential.
      expect(model.read.join("\n")).not.toMatch(new RegExp(`${canary}|vault\\.example|${token}`));
      await leaveCells(`${client.title} ${client.version}`, "calls", {
        "lists tools": "yes",
        calls: "yes",
        "refused connector says why": "the sentence, without a page",
        revoked: "the next call, nothing sent",
        "agent killed and back": "says so; the next call works",
        ...stage.driver.cannot,
      });
    },
  );

  test.concurrent.for(clients.filter(({ name }) => drivers[name].isEverywhere === true))(
    "$title $version gets nothing in a folder that is not the connector's",
    async (client, { expect }) => {
      await using stage = await openStage(client);
      const elsewhere = join(stage.place.home, "elsewhere");
      await mkdir(elsewhere);
      await stage.say("call lanyard_why_no_tools {}", elsewhere);
      expect(stage.model.toolResults.join("\n")).toMatch(elsewhereReason);
      expect(stage.connector.seen).toEqual([]);
    },
  );
});

test("those that run with every change are there", () => {
  if (process.env["CI"] === "true") expect(others.length).toBeGreaterThanOrEqual(3);
});
