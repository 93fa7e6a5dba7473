import { expect, test } from "vitest";
import { judgeRun, twiceAtMost, type RunJudgement } from "../../../../scripts/wine/judgement.ts";

interface Told {
  readonly name?: string;
  readonly status?: string;
  readonly why?: string;
  readonly failed?: number;
}

const files = ["test/unit/a.test.ts"];

const report = ({
  name = "Z:/w/lanyard/test/unit/a.test.ts",
  status = "passed",
  why,
  failed = 0,
}: Told): string => {
  const meta = why === undefined ? {} : { skippedBecause: why };
  return JSON.stringify({
    ...{ numPassedTests: 1, numFailedTests: failed, numPendingTests: status === "skipped" ? 1 : 0 },
    testResults: [{ name, assertionResults: [{ status, fullName: "it works", meta }] }],
  });
};

const faultsOf = (judgement: RunJudgement): readonly string[] | "vanished" =>
  judgement.kind === "vanished" ? "vanished" : judgement.faults;

test.each<[what: string, exitCode: number | null, report: string, faults: readonly string[] | "vanished"]>([
  ["all passed", 0, report({}), []],
  ["all passed, in Windows' spelling", 0, report({ name: String.raw`Z:\w\lanyard\test\unit\a.test.ts` }), []],
  ["no report", 1, "", "vanished"],
  ["half a report", 0, report({}).slice(0, 40), "vanished"],
  ["a report of something else", 0, "[]", "vanished"],
  ["a report and a worker that crashed", 1, report({}), ["Vitest ended with 1."]],
  ["a report and a process that was killed", null, report({}), ["Vitest ended with a signal."]],
  ["a limit that was reached", 124, report({}), ["It was stuck, and was ended at its limit."]],
  ["a failure", 1, report({ status: "failed", failed: 2 }), ["2 failed."]],
  ["a skip with its reason", 0, report({ status: "skipped", why: "there is no /proc" }), []],
  ["a skip without one", 0, report({ status: "skipped" }), ["Skipped without saying why: it works"]],
  ["a test to do", 0, report({ status: "todo" }), ["Skipped without saying why: it works"]],
  [
    ...([
      "a file that is not in the report",
      0,
      report({ name: "Z:/w/lanyard/test/unit/b.test.ts" }),
    ] as const),
    ["The report does not know of test/unit/a.test.ts: its worker has gone."],
  ],
])("%s", (_what, exitCode, text, faults) => {
  expect(faultsOf(judgeRun({ exitCode, report: text, files }))).toEqual(faults);
});

test("what was skipped is told by its reason", () => {
  const text = report({ status: "skipped", why: "there is no /proc" });
  expect(judgeRun({ exitCode: 0, report: text, files })).toMatchObject({
    skipped: new Map([["there is no /proc", ["it works"]]]),
    counts: "1 passed, 0 failed, 1 skipped",
  });
});

const passed: RunJudgement = { kind: "reported", faults: [], skipped: new Map(), counts: "" };
const failed: RunJudgement = { ...passed, faults: ["1 failed."] };
const vanished: RunJudgement = { kind: "vanished" };

interface Repeated {
  readonly runs: readonly RunJudgement[];
  readonly alsoWhereFailed?: boolean;
  readonly told: readonly RegExp[];
}

test.each<[what: string, hasPassed: boolean, repeated: Repeated]>([
  ["passes at once", true, { runs: [passed], told: [] }],
  ["fails at once, and is not run again", false, { runs: [failed, passed], told: [] }],
  ["passes after it vanished", true, { runs: [vanished, passed], told: [/ONCE MORE/, /SECOND run alone/] }],
  ["fails after it vanished", false, { runs: [vanished, failed], told: [/ONCE MORE/, /SECOND run either/] }],
  ["vanishes twice", false, { runs: [vanished, vanished, passed], told: [/ONCE MORE/, /SECOND run either/] }],
  [
    ...(["is run again after a failure, and passes", true] as const),
    { alsoWhereFailed: true, runs: [failed, passed], told: [/failed.*ONCE MORE/, /SECOND run alone/] },
  ],
  [
    ...(["is run again after a failure, and fails", false] as const),
    { alsoWhereFailed: true, runs: [failed, failed, passed], told: [/ONCE MORE/, /SECOND run either/] },
  ],
])("a part that %s", async (_what, hasPassed, { runs, told, ...rest }) => {
  const [left, said] = [[...runs], [] as string[]];
  const result = await twiceAtMost({
    ...{ runOnce: () => Promise.resolve(left.shift() ?? vanished), shout: (what) => said.push(what) },
    ...rest,
  });
  expect(result).toBe(hasPassed);
  expect(said).toEqual(told.map((each) => expect.stringMatching(each) as string));
});
