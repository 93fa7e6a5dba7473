import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  forbiddingRules,
  isAsNarrow,
  toolRulesOf,
  toolRulesText,
  type ToolRules,
} from "../../../../src/core/mcp/toolRules.ts";
import { connectorNamed } from "../../../support/connectors.ts";

const isAllowed = (name: string, rules: ToolRules, isReadOnly = false): boolean =>
  forbiddingRules({ name, isReadOnly }, [{ ...rules, by: "x" }]) === undefined;

describe("a tool", () => {
  it.each<[string, ToolRules, boolean]>([
    ["get_issue", {}, true],
    ["get_issue", { allow: ["get_issue"] }, true],
    ["get_issues", { allow: ["get_issue"] }, false],
    ["Get_issue", { allow: ["get_issue"] }, false],
    ["get_issue", { allow: ["list_*", "get_*"] }, true],
    ["get_", { allow: ["get_*"] }, true],
    ["forget_issue", { allow: ["get_*"] }, false],
    ["forget_issue", { allow: ["*get_*"] }, true],
    ["delete_issue", { deny: ["delete_*"] }, false],
    ["delete_issue", { allow: ["*"], deny: ["*_issue"] }, false],
    ["aa", { allow: ["a*a"] }, true],
    ["a", { allow: ["a*a"] }, false],
    ["abab", { allow: ["ab*ab"] }, true],
    ["aba", { allow: ["ab*ba"] }, false],
    ["a.c", { allow: ["a.c"] }, true],
    ["abc", { allow: ["a.c"] }, false],
    ["get_issue", { readOnly: true }, false],
    ["get_issue", { readOnly: false }, true],
  ])("%s under %j: %s", (name, rules, expected) => {
    expect(isAllowed(name, rules)).toBe(expected);
  });

  it("that changes nothing passes readOnly, and not what is denied by name", () => {
    expect(isAllowed("get", { readOnly: true }, true)).toBe(true);
    expect(isAllowed("get", { readOnly: true, deny: ["get"] }, true)).toBe(false);
  });

  it("is let through by all or by none; the first that forbids it is to blame", () => {
    const rules = [
      { allow: ["a", "b"], by: "entry" },
      { deny: ["b"], by: "policy" },
    ];
    const by = (name: string): string | undefined => forbiddingRules({ name, isReadOnly: false }, rules)?.by;
    expect(["a", "b", "c"].map(by)).toEqual([undefined, "policy", "entry"]);
  });

  it("is matched as by a regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(text, pattern, (name, glob) => {
        const expected = new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(name);
        expect(isAllowed(name, { allow: [glob] })).toBe(expected);
      }),
    );
  });

  it("of a long name and a long pattern is matched at once", () => {
    const startedMs = performance.now();
    expect(isAllowed("a".repeat(100_000), { allow: [`${"a*".repeat(60)}b`] })).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});

describe("rules are as narrow as others", () => {
  it.each<[ToolRules | undefined, ToolRules | undefined, boolean]>([
    [undefined, undefined, true],
    [{ allow: ["a"] }, undefined, true],
    [undefined, { allow: ["a"] }, false],
    [{ allow: ["a"] }, { allow: ["a", "b"] }, true],
    [{ allow: ["a", "b"] }, { allow: ["a"] }, false],
    [{ allow: ["get_a*"] }, { allow: ["get_*"] }, true],
    [{ allow: ["get_*"] }, { allow: ["get_a*"] }, false],
    [{ deny: ["a", "b"] }, { deny: ["a"] }, true],
    [{ deny: ["a"] }, { deny: ["a", "b"] }, false],
    [{ deny: ["*"] }, { deny: ["a"] }, true],
    [{ readOnly: true }, {}, true],
    [{}, { readOnly: true }, false],
    [{ readOnly: true, allow: ["a"] }, { readOnly: true }, true],
  ])("%j than %j: %s", (rules, than, expected) => {
    expect(isAsNarrow(rules, than)).toBe(expected);
  });

  it("only where nothing passes that the others stop", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 4 });
    const rules = fc.record(
      {
        allow: fc.array(pattern, { minLength: 1, maxLength: 3 }),
        deny: fc.array(pattern, { maxLength: 3 }),
        readOnly: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const name = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rules, rules, name, fc.boolean(), (one, other, tool, isReadOnly) => {
        fc.pre(isAsNarrow(one, other) && isAllowed(tool, one, isReadOnly));
        expect(isAllowed(tool, other, isReadOnly)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

it("the entry's own rules hold beside those of policies, and are shown as they are written", () => {
  const github = connectorNamed("github");
  const tools = { allow: ["get_*", "list"], deny: ["get_secret"], readOnly: true };
  const connector = { ...github, userAuth: { ...github.userAuth, tools } };
  const policy = { deny: ["x"], by: "lanyard.policy.tools" };
  expect(toolRulesOf(github)).toEqual([]);
  expect(toolRulesOf({ ...connector, narrowed: [policy] })).toEqual([
    { ...tools, by: "userAuth.tools" },
    policy,
  ]);
  expect(toolRulesText(tools)).toBe("allow: get_*, list; deny: get_secret; readOnly");
  expect(toolRulesText({})).toBe("");
});
