import { expect, test } from "vitest";
import { confirm } from "../../../src/editor/screen.ts";
import { editor } from "../../support/editor/vscode.ts";

test.each([
  ["closed", undefined, false],
  ["cancelled", "Cancel", false],
  ["answered with yes", "Go On", true],
])("a question that is %s is a yes only by its one button", async (_how, answer, expected) => {
  editor.reset();
  editor.answer = () => answer;
  const question = { severity: "warning", message: "Go on?", detail: "There.", yes: "Go On" } as const;
  expect(await confirm(question)).toBe(expected);
  expect(editor.messages).toMatchObject([{ modal: true, buttons: ["Go On"] }]);
});
