import { ESLint } from "eslint";
import { expect, test } from "vitest";

const eslint = new ESLint({ ruleFilter: ({ ruleId }) => ruleId === "no-restricted-syntax" });

const found = async (code: string, filePath: string): Promise<readonly string[]> => {
  const [result] = await eslint.lintText(`import * as vscode from "vscode";\n${code}\n`, { filePath });
  return (result?.messages ?? []).map(({ message }) => message);
};

test.each([
  'void vscode.window.showErrorMessage("x");',
  'void vscode.window["showWarningMessage"]("x");',
  'const { showInformationMessage: say } = vscode.window;\nvoid say("x");',
  'const w = vscode.window;\nvoid w.showInformationMessage("x");',
  "void vscode.window.withProgress({ location: 1 }, () => Promise.resolve());",
  "void vscode.window.showQuickPick([]);",
  "void vscode.window.createQuickPick();",
  "void vscode.window.showInputBox();",
  "void vscode.window.createInputBox();",
  'void vscode.window.setStatusBarMessage("x");',
  'void vscode.window.createStatusBarItem("x");',
  'new vscode.MarkdownString("x");',
  'new vscode.TreeItem("x");',
  "new vscode.CodeLens(new vscode.Range(0, 0, 0, 0));",
  'new vscode.Diagnostic(new vscode.Range(0, 0, 0, 0), "x");',
])("the linter refuses %s but at the door", async (code) => {
  expect(await found(code, "src/editor/identity/browser.ts")).toEqual([
    "Text from outside must not become a link or a picture: show it through src/editor/screen.ts.",
  ]);
  expect(await found(code, "src/editor/screen.ts")).toEqual([]);
});

test("the linter refuses a file's URI that is made elsewhere than at its door", async () => {
  const code = 'export const place = vscode.Uri.file("/x");';
  expect(await found(code, "src/editor/identity/browser.ts")).toEqual([
    "A file's URI is made and compared in src/editor/files.ts: a drive letter of either case is one drive.",
  ]);
  expect(await found(code, "src/editor/files.ts")).toEqual([]);
});

const testFile = "test/unit/manifest.test.ts";
const unsaid =
  "A test that runs on Windows is skipped by needs(…) of test/support/needs.ts, which says why: npm run test:wine fails on others.";

test.each([
  'test.skip("x", () => undefined);',
  'test.skipIf(true)("x", () => undefined);',
  'test.runIf(false)("x", () => undefined);',
  'test.todo("x");',
  'test.only("x", () => undefined);',
  'test("x", { skip: true }, () => undefined);',
  'test("x", { todo: true }, () => undefined);',
  'test("x", ({ skip }) => skip("because"));',
  'test("x", ({ skip: pass }) => pass("because"));',
  'test("x", (context) => context.skip("because"));',
])("the linter refuses %s where tests run on Windows too", async (code) => {
  expect(await found(code, testFile)).toEqual([unsaid]);
  expect(await found(code, "test/wine/script.wine.test.ts")).toEqual([unsaid]);
  expect(await found(code, "test/process/fullDisk.test.ts")).toEqual([]);
});

test("the linter lets a test say what it needs", async () => {
  expect(await found('test("x", needs("modes"), () => undefined);', testFile)).toEqual([]);
});
