import { expect, it } from "vitest";
import { judgeDirectory, judgeEndpoint } from "../../../../src/core/doctor/helper.ts";
import { english } from "../../../../src/core/text.ts";

const directory = String.raw`C:\lanyard`;

it("names whom the lists of Windows let in", () => {
  const others = ["BU", "S-1-5-21-1"];
  expect(judgeDirectory({ directory, state: "openByList", others }, undefined, english)).toMatchObject({
    verdict: "failed",
    finding: `${directory} is open to others too: Users, S-1-5-21-1.`,
  });
});

it("says that nobody looked, where Windows gives no answer", () => {
  expect(judgeDirectory({ directory, state: "unseen" }, undefined, english).verdict).toBe("warning");
  const finding = judgeEndpoint({ file: directory, state: "unseen" }, undefined, english);
  expect(finding).toMatchObject({ verdict: "ok", finding: `${directory} is there.` });
});
