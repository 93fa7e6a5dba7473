/**
 * The tests against real identity providers: `npm run test:idps`. At the end stands what was seen at each of them, what vaults answered, and how
 * many tests there were; arguments are Vitest's.
 */
import { answersTables, sightingsTable } from "../test/idps/support/table.ts";
import { inWords, noCounts } from "./support/suiteReport.ts";
import { runSuite } from "./support/suites.ts";

const { ok, counts = noCounts } = await runSuite("test:idps:run", process.argv.slice(2));
for (const table of [await sightingsTable(), await answersTables()])
  if (table !== "") console.log(`\n${table}`);
console.log(`\n${inWords(counts, true)}`);
process.exitCode = ok ? 0 : 1;
