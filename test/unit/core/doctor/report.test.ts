import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../../src/core/doctor/finding.ts";
import { findingsText, reportText } from "../../../../src/core/doctor/report.ts";
import { english } from "../../../../src/core/text.ts";

const findings: readonly Finding[] = [
  { check: "curl", verdict: "warning", finding: "It is not there.", remedy: "Install curl." },
  { check: "identity provider", verdict: "failed", finding: "It refuses.", remedy: "Ask." },
  { check: "agent", verdict: "ok", finding: "It answers." },
];

describe("the report", () => {
  it("counts, says where it was looked from, and tells in a fixed order what was found and what to do", () => {
    expect(
      reportText(
        findings,
        [
          ["Lanyard", "0.1.0"],
          ["linux", "x64"],
        ],
        english,
      ),
    ).toBe(`Lanyard doctor. Failed: 1, warnings: 1, ok: 1.
Lanyard 0.1.0 · linux x64

failed   identity provider: It refuses.
         → Ask.
ok       agent: It answers.
warning  curl: It is not there.
         → Install curl.
`);
  });

  it("breaks long lines at blanks, and loses no word", () => {
    const words = fc.array(fc.stringMatching(/^[a-z/]{1,30}$/), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(words, (text) => {
        const [finding, remedy] = [text.join(" "), [...text].reverse().join(" ")];
        const told = findingsText([{ check: "curl", verdict: "warning", finding, remedy }], 80);
        for (const line of told.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
        expect(told.replaceAll(/\s+/g, " ")).toBe(`warning curl: ${finding} → ${remedy}`);
      }),
    );
  });

  it("leaves a word that is longer than a line whole", () => {
    const path = "/".repeat(100);
    expect(findingsText([{ check: "curl", verdict: "ok", finding: path }], 40)).toContain(path);
  });
});
