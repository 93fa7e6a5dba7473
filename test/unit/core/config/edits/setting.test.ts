import { describe, expect, test } from "vitest";
import { settingProblem } from "../../../../../src/core/config/edits/setting.ts";
import { entrySchema } from "../../../../../src/core/config/schema/schema.ts";
import { signInSchema } from "../../../../../src/core/config/schema/signInSchema.ts";
import { sentence } from "../support.ts";

const env = (name: string): string | undefined => (name === "HOST" ? "mcp.example.com" : undefined);

const problem = (setting: "url" | "issuer" | "clientId", text: string): string | undefined => {
  const schema = setting === "url" ? entrySchema.shape.url : signInSchema.shape[setting];
  const found = settingProblem(schema, [setting], text, env);
  return found && sentence(found);
};

describe("a setting is judged while it is typed, in the words of the file's issues", () => {
  test.each([
    ["url", "https://mcp.example.com/mcp", undefined],
    ["url", "https://${HOST}/mcp", undefined],
    ["url", "https://${HOST:-x}/mcp", undefined],
    ["url", "mcp", '"url" is not a URL: mcp. Write it in full, beginning with https://.'],
    [
      "url",
      "https://${NOWHERE}/",
      "The environment variable NOWHERE is not set. Set it and restart the editor, or write a default: ${NOWHERE:-default}.",
    ],
    [
      "issuer",
      "http://idp.example.com",
      '"issuer" begins with http: http://idp.example.com. An identity provider is only trusted over https, or on this machine.',
    ],
    ["clientId", "", '"clientId" is empty. Fill it in, or remove it if it is optional.'],
    ["clientId", "lanyard", undefined],
  ] as const)("%s %s", (setting, text, expected) => {
    expect(problem(setting, text)).toBe(expected);
  });
});
