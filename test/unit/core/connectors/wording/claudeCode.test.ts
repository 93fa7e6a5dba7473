import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { survivesClaudeCode } from "../../../../../src/core/connectors/wording/claudeCode.ts";

const connector = "https://mcp.example.com/v1/Notion/mcp";

describe("a link in a refusal, as Claude Code shows it", () => {
  test.each([
    "https://vault.example.com/connect?ticket=AbC123&scope=read+write",
    "https://vault.example.com/v1/mcp",
    "http://127.0.0.1:8080/x#y",
    "https://vault.example.com/connect?back=https%3A%2F%2Fidp.example.com%2Fdone",
  ])("can be opened: %s", (link) => {
    expect(survivesClaudeCode(link, connector)).toBe(true);
  });

  test.each([
    ["a segment of the connector's path is hidden", "https://vault.example.com/connect?server=notion"],
    ["escaped as well", "https://vault.example.com/connect/%6eotion"],
    ["escaped twice as well", "https://vault.example.com/connect/%256eotion"],
    ["in the host as well", "https://notion.example.com/"],
    ["a word of the entry's guard is hidden", "https://vault.example.com/signin?code=1"],
    ["a blank ends it", "https://vault.example.com/connect?to=Acme%20Inc"],
    ["an ampersand splits what was one value", "https://vault.example.com/connect?to=a%26b"],
    ["a hash cuts it off", "https://vault.example.com/connect?to=a%23b"],
  ])("cannot be opened: %s", (_what, link) => {
    expect(survivesClaudeCode(link, connector)).toBe(false);
  });

  test("a connector at the root hides nothing", () => {
    expect(survivesClaudeCode("https://vault.example.com/mcp/connect", "https://mcp.example.com/")).toBe(
      true,
    );
    expect(survivesClaudeCode("https://vault.example.com/mcp/connect", "https://mcp.example.com/mcp")).toBe(
      false,
    );
  });

  test("any two texts have an answer", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (link, url) => void survivesClaudeCode(`https://x/${link}`, url)),
    );
  });
});
