/** Everything, in order, until something fails: `npm test`. The last line says how it went. */
import { inWords, noCounts, sum, type Counts } from "./support/suiteReport.ts";
import { runScript, runSuite } from "./support/suites.ts";

const main = async (): Promise<boolean> => {
  const startMs = performance.now();
  const done: string[] = [];
  let total: Counts = noCounts;
  const finish = (failed?: string): boolean => {
    const seconds = Math.round((performance.now() - startMs) / 1000);
    const outcome = failed === undefined ? "All passed" : `FAILED at ${failed}`;
    console.log(`\n${[outcome, ...done, `${seconds} s`].join(" · ")}\n${inWords(total)}`);
    return failed === undefined;
  };
  for (const script of ["lint", "types", "package"]) {
    if (!(await runScript(script))) return finish(script);
    done.push(script);
  }
  for (const script of ["test:unit", "test:editor"]) {
    const { ok, counts } = await runSuite(script);
    done.push(`${script} ${counts === undefined ? "no report" : inWords(counts)}`);
    if (counts !== undefined) total = sum(total, counts);
    if (!ok) return finish(script);
  }
  return finish();
};

process.exitCode = (await main()) ? 0 : 1;
