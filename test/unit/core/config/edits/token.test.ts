import { describe, expect, test } from "vitest";
import { treeOf } from "../../../../../src/core/config/edits/server.ts";
import { connectFix } from "../../../../../src/core/config/edits/token.ts";
import { file, github, guard, lanyard, read } from "../support.ts";
import { applied, valueOf } from "./support.ts";

const connected = (servers: Readonly<Record<string, unknown>>): unknown => {
  const text = file(servers);
  const root = treeOf(text);
  const fix = root && connectFix(text, root, text.indexOf('"it"'), () => undefined);
  if (fix === undefined) return undefined;
  const result = applied(text, fix.edits);
  expect(read(result).issues).toEqual([]);
  return (valueOf(result) as { mcpServers: Record<string, unknown> }).mcpServers["it"];
};

const url = "https://mcp.linear.example/mcp";
const headers = { Authorization: "Bearer lin_abc" };

describe("a server with a token in the file becomes a connector", () => {
  test("with the sign-in of another entry, but not with its source", () => {
    const credential = { source: "token-exchange", resource: github.url };
    const other = { ...github, userAuth: { ...github.userAuth, credential } };
    expect(connected({ other, it: { type: "http", url, headers } })).toEqual({ ...github, url });
  });

  test("keeping what else it says", () => {
    const it = { url, headers: { ...headers, "X-Team": "web" }, timeout: 5 };
    expect(connected({ it, github })).toEqual({
      ...it,
      headers: { "X-Team": "web", ...guard },
      type: "http",
      userAuth: github.userAuth,
      headersHelper: lanyard,
    });
  });
});

describe("is left as it is", () => {
  test.each([
    ["where no entry has a sign-in to copy", { it: { type: "http", url, headers } }],
    ["without a token", { github, it: { type: "http", url } }],
    [
      "with a token from a variable",
      { github, it: { type: "http", url, headers: { Authorization: "Bearer ${T}" } } },
    ],
    ["when it is a connector already", { github, it: { ...github, headers } }],
    ["when it is a command", { github, it: { command: "x", headers } }],
  ])("%s", (_, servers) => {
    expect(connected(servers)).toBeUndefined();
  });
});
