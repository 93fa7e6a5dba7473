/**
 * The tests against the real clients: `npm run test:clients`. At the end stands what was measured with each version,
 * and how many tests there were; arguments are Vitest's.
 */
import { readTables } from "../test/clients/support/tables.ts";
import { inWords, noCounts, runSuite } from "./suites.ts";

const { ok, counts = noCounts } = await runSuite("test:clients:run", process.argv.slice(2));
const tables = await readTables();
if (tables !== "") console.log(`\n${tables}`);
console.log(`\n${inWords(counts, true)}`);
process.exitCode = ok ? 0 : 1;
