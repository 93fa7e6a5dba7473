import { expect, it } from "vitest";
import { clientEnv } from "../../../../src/core/config/clientEnv.ts";

const environment = (name: string): string | undefined =>
  ({ HOST: "environment", OTHER: "environment" })[name];

it.each([
  ["settings before the environment", ['{"env":{"HOST":"settings"}}'], "settings"],
  ["the first settings before the second", ['{"env":{"HOST":"a"}}', '{"env":{"HOST":"b"}}'], "a"],
  ["a number as text", ['{"env":{"HOST":5}}'], "5"],
  ["what is set to nothing as set", ['{"env":{"HOST":""}}'], ""],
  ["the environment where the settings are no JSON", ["{"], "environment"],
  ["as JavaScript does what is no text", ['{"env":{"HOST":{}}}'], "[object Object]"],
  ["nothing, too", ['{"env":{"HOST":null}}'], "null"],
])("takes %s", (_what, settings, expected) => {
  expect(clientEnv(settings, environment)("HOST")).toBe(expected);
  expect(clientEnv(settings, environment)("OTHER")).toBe("environment");
});
