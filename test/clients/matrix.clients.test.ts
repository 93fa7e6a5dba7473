import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { guardSentence } from "../../src/core/config/entry/headerValue.ts";
import type { ClaudeCode } from "../../scripts/clients/claudeCode.ts";
import { openClaudeFolder, type ClaudeFolder } from "./support/claudeFolder.ts";
import { answering, failures, helperFiles, type Failure, type Surroundings } from "./support/failures.ts";
import { startRecorders, type Recorder, type Recorders } from "./support/recorder.ts";
import { leaveTable } from "./support/tables.ts";

/** Whatever happens to a helper, the real client sends nothing without a credential, by the header that guards its entry. */

const types = ["http", "sse", "ws"] as const;

interface Case {
  readonly failure: string;
  readonly type: (typeof types)[number];
  readonly isGuarded: boolean;
  readonly recorder: Recorder;
}

/** One entry for every type, with and without the guard: the client connects to all of them in one run. */
const casesOf = async (
  recorders: Recorders,
  some: Readonly<Record<string, Failure>>,
): Promise<{ readonly cases: readonly Case[]; readonly servers: Readonly<Record<string, object>> }> => {
  const cases: Case[] = [];
  const servers: Record<string, object> = {};
  for (const [failure, { headersHelper }] of Object.entries(some)) {
    for (const type of types) {
      for (const isGuarded of [true, false]) {
        const recorder = await recorders.open();
        servers[`c${cases.length}`] = {
          type,
          url: `${type === "ws" ? "ws" : "http"}://127.0.0.1:${recorder.port}/mcp`,
          ...(isGuarded ? { headers: { Authorization: guardSentence } } : {}),
          headersHelper,
        };
        cases.push({ failure, type, isGuarded, recorder });
      }
    }
  }
  return { cases, servers };
};

const writeHelpers = async ({ project }: ClaudeFolder): Promise<void> => {
  await mkdir(join(project, "helpers"));
  for (const [name, { text, mode }] of Object.entries(helperFiles)) {
    await writeFile(join(project, "helpers", name), text, { mode });
  }
};

const surroundingEnv: Readonly<Record<Surroundings, Readonly<Record<string, string | undefined>>>> = {
  usual: {},
  untrusted: {},
  noHome: { HOME: undefined },
  errexit: { SHELLOPTS: "errexit" },
};

/** Has the client connect to every case of these surroundings. */
const measure = async (
  client: ClaudeCode,
  recorders: Recorders,
  surroundings: Surroundings,
): Promise<readonly Case[]> => {
  const all = { ...failures, answers: answering };
  const some = Object.fromEntries(
    Object.entries(all).filter(([, failure]) => failure.surroundings === surroundings),
  );
  const { cases, servers } = await casesOf(recorders, some);
  await using folder = await openClaudeFolder({ isTrusted: surroundings !== "untrusted" });
  await writeHelpers(folder);
  await folder.writeMcpJson(servers);
  await folder.run(client, ["mcp", "list"], { env: surroundingEnv[surroundings] });
  return cases;
};

const bare = ({ recorder }: Case): number =>
  recorder.requests.filter(({ hasCredential }) => !hasCredential).length;
const counted = (cases: readonly Case[], isGuarded: boolean): Readonly<Record<string, number>> =>
  Object.fromEntries(
    cases
      .filter((each) => each.isGuarded === isGuarded)
      .map((each) => [`${each.failure}, ${each.type}`, bare(each)]),
  );

const clients = inject("claudeCodes");

test("the table holds at least twelve failures", () => {
  expect(Object.keys(failures).length).toBeGreaterThanOrEqual(12);
});

describe.skipIf(clients.length === 0)("requests without a credential", () => {
  test.concurrent.for(clients)("Claude Code $version", async (client, { expect }) => {
    await using recorders = startRecorders();
    const measured: Case[] = [];
    for (const surroundings of ["usual", "untrusted", "noHome", "errexit"] as const) {
      measured.push(...(await measure(client, recorders, surroundings)));
    }
    const answered = measured.filter(({ failure }) => failure === "answers");
    const failed = measured.filter(({ failure }) => failure !== "answers");
    await leaveTable(`1-matrix-${client.version}`, {
      title: `Claude Code ${client.version}: requests without a credential`,
      lines: Object.keys(failures).map((failure) => lineOf(failed, failure)),
    });

    const guarded = counted(failed, true);
    expect(guarded).toEqual(Object.fromEntries(Object.keys(guarded).map((name) => [name, 0])));
    const open = Object.entries(counted(failed, false));
    expect(open.filter(([, count]) => count === 0)).toEqual([]);

    expect(answered).toHaveLength(2 * types.length);
    for (const { recorder, type, isGuarded } of answered) {
      const told = recorder.requests.map(({ hasCredential }) => hasCredential);
      expect(told, `${type}, ${isGuarded ? "guarded" : "open"}`).toContain(true);
      expect(told).not.toContain(false);
    }
  });
});

const lineOf = (
  cases: readonly Case[],
  failure: string,
): { readonly measured: string; readonly closed: boolean; readonly how: string } => {
  const total = (isGuarded: boolean): readonly number[] =>
    types
      .map((type) => cases.filter((each) => each.failure === failure && each.type === type))
      .map((some) =>
        some.filter((each) => each.isGuarded === isGuarded).reduce((sum, each) => sum + bare(each), 0),
      );
  const [guarded, open] = [total(true), total(false)];
  return {
    measured: failure,
    closed: guarded.every((count) => count === 0),
    how: `the guard: ${guarded.join(", ")} (${types.join(", ")}); without it: ${open.join(", ")}`,
  };
};
