import { beforeEach, expect, test } from "vitest";
import { Telemetry } from "../../../src/editor/telemetry.ts";
import { editor, env } from "../../support/vscode.ts";

beforeEach(() => {
  editor.reset();
  env.isTelemetryEnabled = true;
});

const sent: (readonly [string, unknown])[] = [];
const loaded: string[] = [];
const telemetry = (): Telemetry => {
  sent.length = 0;
  loaded.length = 0;
  return new Telemetry((connectionString) => {
    loaded.push(connectionString);
    return Promise.resolve({
      sendTelemetryEvent: (name, properties) => sent.push([name, properties]),
      dispose: () => Promise.resolve(),
    });
  });
};
const setting = "lanyard.telemetry.connectionString";

test.each([
  ["no administrator names where to", undefined, true],
  ["the setting is empty", "", true],
  ["the setting is no text", 7, true],
  ["the editor's own telemetry is off", "InstrumentationKey=x", false],
])("where %s: nothing is loaded and nothing is sent", async (_where, value, isEnabled) => {
  if (value !== undefined) editor.settings.set(setting, value);
  env.isTelemetryEnabled = isEnabled;
  await telemetry().send({ kind: "signIn", outcome: "signedIn" });
  expect(loaded).toEqual([]);
  expect(sent).toEqual([]);
});

test("what is sent is a word of a closed set", async () => {
  editor.settings.set(setting, "InstrumentationKey=x");
  const to = telemetry();
  await to.send({ kind: "signIn", outcome: "rejected" });
  await to.send({ kind: "sessionEnded", cause: "revoked" });
  expect(loaded).toEqual(["InstrumentationKey=x"]);
  expect(sent).toEqual([
    ["signIn", { outcome: "rejected" }],
    ["sessionEnded", { cause: "revoked" }],
  ]);
});
