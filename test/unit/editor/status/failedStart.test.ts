import { beforeEach, expect, test } from "vitest";
import { failedStart } from "../../../../src/editor/status/failedStart.ts";
import { recordingLog } from "../../../support/ports.ts";
import { editor } from "../../../support/editor/vscode.ts";

beforeEach(() => editor.reset());

const fail = (isInSight: boolean): { readonly logged: string; readonly said: readonly unknown[] } => {
  const log = Object.assign(recordingLog(), { show: () => undefined, dispose: () => undefined });
  const failure = failedStart(new Error("half a file"), { log, isInSight });
  expect(failure.code).toBe("internal");
  return { logged: JSON.stringify(log.entries), said: editor.messages };
};

test("the view says it, and nothing else where a person sees the view", () => {
  const { logged, said } = fail(true);
  expect(editor.executed).toContainEqual(["setContext", "lanyard.startFailed", true]);
  expect(logged).toContain("half a file");
  expect(said).toEqual([]);
});

test("a message says it where nobody sees the view", () => {
  const { logged, said } = fail(false);
  expect(logged).toContain("half a file");
  const text = "Lanyard could not start in this window. The log says why; then reload the window.";
  expect(said).toMatchObject([{ kind: "error", text, buttons: ["Show Log"] }]);
});
