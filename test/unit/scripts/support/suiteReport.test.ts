import { expect, test } from "vitest";
import {
  countsWithout,
  filesToRunAgain,
  suiteReport,
  type SuiteReport,
} from "../../../../scripts/support/suiteReport.ts";

type Status = "passed" | "failed" | "skipped";

const reportOf = (files: Readonly<Record<string, readonly Status[]>>): SuiteReport => {
  const all = Object.values(files).flat();
  const count = (status: Status): number => all.filter((each) => each === status).length;
  return suiteReport.parse({
    numPassedTests: count("passed"),
    numFailedTests: count("failed"),
    numPendingTests: count("skipped"),
    testResults: Object.entries(files).map(([name, statuses]) => ({
      ...{ name, message: "" },
      status: statuses.includes("failed") || statuses.length === 0 ? "failed" : "passed",
      assertionResults: statuses.map((status) => ({ status, title: "it works" })),
    })),
  });
};

test.each<[what: string, files: Readonly<Record<string, readonly Status[]>>, again: readonly string[]]>([
  ["nothing failed", { a: ["passed", "skipped"] }, []],
  ["one failed", { a: ["passed", "failed"], b: ["passed"] }, ["a"]],
  ["a file could not prepare itself", { a: [], b: ["passed"] }, ["a"]],
  ["three failed", { a: ["failed"], b: ["failed"], c: ["failed"] }, ["a", "b", "c"]],
  ["four failed, which is no chance", { a: ["failed"], b: ["failed"], c: ["failed"], d: ["failed"] }, []],
])("what is run again where %s", (_what, files, again) => {
  expect(filesToRunAgain(reportOf(files))).toEqual(again);
});

test("nothing is run again where there is no report", () => {
  expect(filesToRunAgain(undefined)).toEqual([]);
});

test("the first run counts as far as its files are not run again", () => {
  const report = reportOf({ a: ["passed", "failed"], b: ["passed", "passed", "skipped"] });
  expect(countsWithout(report, ["a"])).toEqual({
    ...{ numPassedTests: 2, numFailedTests: 0, numPendingTests: 1 },
  });
});
