import { ESLint } from "eslint";
import { expect, test, vi } from "vitest";

// The linter reads the whole project first.
vi.setConfig({ testTimeout: 180_000 });

const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === "lanyard/no-circles" || ruleId === "no-restricted-imports",
});

const found = async (code: string, filePath: string): Promise<readonly string[]> => {
  const [result] = await eslint.lintText(`${code}\n`, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? "fatal"}: ${message}`);
};

test.each([
  ["a value", 'import { Board } from "./board.ts";\nexport const x = Board;'],
  ["a type", 'import type { Board } from "./board.ts";\nexport type X = Board;'],
  ["a type in its place", 'export type X = import("./board.ts").Board;'],
  ["what is passed on", 'export { Board } from "./board.ts";'],
  ["all that is passed on", 'export * from "./board.ts";'],
  ["what is loaded later", 'export const x = () => import("./board.ts");'],
])("the linter refuses a circle by %s", async (_by, code) => {
  const [problem, ...others] = await found(code, "src/core/connectors/board/status.ts");
  expect(problem).toMatch(
    /^lanyard\/no-circles: This import closes a circle: src\/core\/connectors\/board\/board\.ts → .*src\/core\/connectors\/board\/status\.ts\.$/,
  );
  expect(others).toEqual([]);
});

test("the same import is fine where it closes no circle", async () => {
  const code = 'import type { Board } from "./board.ts";\nexport type X = Board;';
  expect(await found(code, "src/core/connectors/board/boardLoader.ts")).toEqual([]);
});

test.each([
  ["src/core/text.ts", "vscode"],
  ["src/core/text.ts", "node:fs"],
  ["src/core/text.ts", "../editor/version.ts"],
  ["src/core/text.ts", "../node/clock.ts"],
  ["src/core/text.ts", "../ipc/wire.ts"],
  ["src/core/text.ts", "../helper/patience.ts"],
  ["src/core/text.ts", "../composition.ts"],
  ["src/ipc/wire.ts", "vscode"],
  ["src/ipc/wire.ts", "../editor/version.ts"],
  ["src/ipc/wire.ts", "../helper/patience.ts"],
  ["src/helper/patience.ts", "vscode"],
  ["src/helper/patience.ts", "../editor/version.ts"],
  ["src/node/clock.ts", "vscode"],
  ["src/node/clock.ts", "../ipc/wire.ts"],
  ["src/editor/version.ts", "../helper/patience.ts"],
  ["src/editor/version.ts", "../composition.ts"],
  ["demo/acr.ts", "../src/core/text.ts"],
])("the linter refuses that %s imports %s", async (file, specifier) => {
  const problems = await found(
    `import type * as all from "${specifier}";\nexport type X = typeof all;`,
    file,
  );
  expect(problems.filter((problem) => problem.startsWith("no-restricted-imports:"))).toHaveLength(1);
});

const strict = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === "no-void" || ruleId === "@typescript-eslint/no-floating-promises",
});

test.each(["void work();", "work();"])(
  "the linter refuses %s of a promise, which loses its failure",
  async (call) => {
    const code = `const work = async (): Promise<void> => {};\nexport const run = (): void => {\n  ${call}\n};\n`;
    const [result] = await strict.lintText(code, { filePath: "src/core/text.ts" });
    expect(result?.messages).not.toEqual([]);
  },
);
