/**
 * The tests against the real clients: `npm run test:clients`. At the end stands what was measured with each version,
 * and how many tests there were. `--write` writes
 * what the client said into docs/step-up.md, `--all` takes every client there is a way to drive (a nightly does), and
 * other arguments are Vitest's.
 */
import { readTables } from "../test/clients/support/tables.ts";
import { inWords, noCounts } from "./support/suiteReport.ts";
import { runSuite } from "./support/suites.ts";

const given = process.argv.slice(2);
if (given.includes("--write")) process.env["LANYARD_WRITE_QUOTES"] = "true";
if (given.includes("--all")) process.env["LANYARD_ALL_CLIENTS"] = "true";
const own = new Set(["--write", "--all"]);
const { ok, counts = noCounts } = await runSuite(
  "test:clients:run",
  given.filter((argument) => !own.has(argument)),
);
const tables = await readTables();
if (tables !== "") console.log(`\n${tables}`);
console.log(`\n${inWords(counts, true)}`);
process.exitCode = ok ? 0 : 1;
