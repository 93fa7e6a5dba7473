import { expect, it } from "vitest";
import { judgeAgent, judgeDirectory, judgeEndpoint } from "../../../../src/core/doctor/helper.ts";
import { english } from "../../../../src/core/text.ts";

it("in a window that has not started, nobody is told to open the folder that is open", () => {
  const remedies = (own: number | undefined): readonly (string | undefined)[] =>
    [
      judgeEndpoint({ file: "/run/endpoint", state: "absent" }, own, english),
      judgeDirectory({ directory: "/run", state: "absent" }, own, english),
      judgeAgent({ kind: "silent", why: "absent" }, own, english),
    ].map(({ remedy }) => remedy);
  expect(new Set(remedies(undefined))).toEqual(
    new Set(["Open the folder in VS Code and sign in with Lanyard."]),
  );
  expect(new Set(remedies(42))).toEqual(new Set(["Reload the window. If it stays so, the log says why."]));
});
