/**
 * Changes what security rests on, line by line, and looks whether a test fails: `npm run mutation [-- FILE...]`. One file
 * after the other, each against its own tests. What lives is argued in docs/mutation.md.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import * as z from "zod";
import { inRoot, root } from "./support/paths.ts";
import { run } from "./support/processes.ts";

const unit = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `test/unit/${name}.test.ts`);
const review = unit(
  "core/review/html",
  "core/review/lookAlikes",
  "core/review/agreement",
  "core/review/reviewPage",
  "core/review/wholePage",
);

/** What security rests on, and the tests that have to notice. */
const securityFiles: Readonly<Record<string, readonly string[]>> = {
  "src/core/review/html.ts": review,
  "src/core/review/lookAlikes.ts": review,
  "src/core/review/agreement.ts": review,
  "src/core/review/reviewPage.ts": review,
  "src/core/connectors/permission/approval.ts": unit("core/connectors/permission/approval"),
  "src/core/connectors/permission/approvedVersions.ts": unit("core/connectors/permission/approval"),
  "src/core/connectors/permission/policy.ts": unit("core/connectors/permission/policy"),
  "src/core/history/tokenConsent.ts": unit("core/history/tokenConsent"),
  "src/ipc/api/tokenApi.ts": unit("ipc/api/tokenApi"),
  "src/core/mcp/toolRules.ts": unit("core/mcp/toolRules"),
  "src/core/credentials/aws/sigv4.ts": unit("core/credentials/aws/sigv4"),
  "src/core/connectors/grantReuse.ts": unit("core/connectors/grantReuse"),
  "src/core/text.ts": unit("core/text"),
  "src/core/urls.ts": unit("core/urls"),
  "src/core/credentials/headers.ts": unit("core/credentials/headers"),
  "src/core/config/command/posix.ts": unit("core/config/command/posix"),
  "src/core/config/command/scriptProgram.ts": unit("core/config/command/scriptProgram"),
  "src/core/config/command/scriptArguments.ts": unit("core/config/command/scriptArguments"),
  "src/core/identity/signIn/mixUp.ts": unit("core/identity/signIn/mixUp"),
  "src/core/identity/signOut/browserSession.ts": unit("core/identity/signOut/browserSession"),
};

const reportShape = z.object({
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          status: z.string(),
          mutatorName: z.string(),
          replacement: z.string().optional(),
          location: z.object({ start: z.object({ line: z.number(), column: z.number() }) }),
        }),
      ),
    }),
  ),
});

interface Tally {
  readonly killed: number;
  readonly all: number;
}

const isDead = (status: string): boolean => status === "Killed" || status === "Timeout";
const isAlive = (status: string): boolean => status === "Survived" || status === "NoCoverage";
const percent = ({ killed, all }: Tally): string =>
  all === 0 ? "–" : `${((100 * killed) / all).toFixed(1)} %`;

const mutate = async (file: string, tests: readonly string[]): Promise<Tally> => {
  const stryker = inRoot("node_modules/@stryker-mutator/core/bin/stryker.js");
  const env = { ...process.env, LANYARD_MUTATION_TESTS: tests.join(",") };
  await run(process.execPath, [stryker, "run", "--mutate", file, "--logLevel", "error"], { cwd: root, env });
  const text = await readFile(inRoot("artifacts/mutation/mutation.json"), "utf8");
  const mutants = reportShape.parse(JSON.parse(text)).files[file]?.mutants ?? [];
  const living = mutants.filter(({ status }) => isAlive(status));
  const killed = mutants.filter(({ status }) => isDead(status)).length;
  const tally = { killed, all: killed + living.length };
  console.log(`${file}: ${percent(tally)}, ${killed} of ${tally.all}`);
  for (const { location, mutatorName, replacement = "" } of living) {
    const { line, column } = location.start;
    console.log(`  ${line}:${column} ${mutatorName} ${replacement.replace(/\s+/g, " ").slice(0, 100)}`);
  }
  return tally;
};

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const wanted = positionals.length === 0 ? Object.keys(securityFiles) : positionals;
  const tallies: Tally[] = [];
  for (const file of wanted) {
    const tests = securityFiles[file];
    if (tests === undefined) throw new Error(`${file} is not among the files of scripts/mutation.ts.`);
    tallies.push(await mutate(file, tests));
  }
  const sum = (of: keyof Tally): number => tallies.reduce((total, tally) => total + tally[of], 0);
  const total = { killed: sum("killed"), all: sum("all") };
  console.log(`Mutation score of ${wanted.length} files: ${percent(total)}, ${total.killed} of ${total.all}`);
}
