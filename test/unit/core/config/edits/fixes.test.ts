import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixTitle, type Fix } from "../../../../../src/core/config/edits/fix.ts";
import { fixesFor } from "../../../../../src/core/config/edits/fixes.ts";
import type { Issue, IssueCode } from "../../../../../src/core/config/issues/issue.ts";
import { english } from "../../../../../src/core/text.ts";
import { file, github, guard, lanyard, lanyardInShell, lanyardWith, read } from "../support.ts";
import { applied, commentsOf, valueOf, written } from "./support.ts";

/** Where an issue stands, as an offset: what an editor makes of its place. */
const offsetOf = (text: string, { place }: Issue): number => {
  if (place === undefined) throw new Error("No place");
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/).slice(0, place.line);
  return lines.join("").length + place.column;
};

const fixesOf = (text: string, code: IssueCode): readonly Fix[] => {
  const issue = read(text).issues.find((each) => each.code === code);
  if (issue?.place === undefined) throw new Error(`No ${code}`);
  const offset = offsetOf(text, issue);
  const { endLine, endColumn } = issue.place;
  const end = offsetOf(text, { ...issue, place: { ...issue.place, line: endLine, column: endColumn } });
  return fixesFor(text, { code, offset, length: end - offset }, noVariables);
};

const noVariables = (): undefined => undefined;

/** The entry after each fix of the issue, by the fix's title. */
const after = (entry: Readonly<Record<string, unknown>>, code: IssueCode): Record<string, unknown> => {
  const text = file({ before: github, it: entry, after: github });
  return Object.fromEntries(
    fixesOf(text, code).map((fix) => {
      const { mcpServers } = valueOf(applied(text, fix.edits)) as {
        mcpServers: Record<string, unknown>;
      };
      expect({ ...mcpServers, it: entry }).toEqual({ before: github, it: entry, after: github });
      return [fixTitle(fix, english), mcpServers["it"]];
    }),
  );
};

const { headersHelper: _helper, ...withoutHelper } = github;

describe("a variable without a value", () => {
  test("gets a default, which is left to the person", () => {
    const text = file({ it: { ...github, url: "https://${HOST}/mcp" } });
    const [fix] = fixesOf(text, "unsetVariable");
    const [edit] = fix?.edits ?? [];
    expect(edit?.content).toBe("${HOST:-value}");
    expect(edit?.content.slice(edit.placeholder?.offset).slice(0, edit.placeholder?.length)).toBe("value");
    expect(after({ ...github, url: "https://${HOST}/mcp" }, "unsetVariable")).toEqual({
      "Add a default for HOST": { ...github, url: "https://${HOST:-value}/mcp" },
    });
  });

  test.each(["${A:-${B}}", "${A\\u0042}"])(
    "%s is left alone: what would be written is not sure",
    (variable) => {
      const text = file({ it: { ...github, url: "URL" } }).replace("URL", `https://${variable}.example/`);
      expect(fixesOf(text, "unsetVariable")).toEqual([]);
    },
  );
});

describe("an entry that Claude Code does not ask Lanyard for", () => {
  test("gets the helper", () => {
    expect(after(withoutHelper, "helperMissing")).toEqual({
      'Let Lanyard get the headers of "it"': github,
    });
  });

  test.each([
    ["./headers.sh --team web", lanyardWith("./headers.sh --team web")],
    ["./a.sh && ./b.sh", lanyardInShell("sh -c './a.sh && ./b.sh'")],
    ["TEAM=web ./headers.sh", lanyardInShell("sh -c 'TEAM=web ./headers.sh'")],
    ["echo 'it' | ./b.sh", lanyardInShell("sh -c 'echo '\\''it'\\'' | ./b.sh'")],
    [". ./env.sh", lanyardInShell("sh -c '. ./env.sh'")],
  ])("keeps its own helper %s, and Lanyard runs it", (command, headersHelper) => {
    expect(after({ ...github, headersHelper: command }, "helperMissing")).toEqual({
      'Let Lanyard run the helper of "it", with the sign-in': {
        ...github,
        headersHelper,
      },
      'Replace the helper of "it" by Lanyard': github,
    });
  });

  test("only has its helper replaced where it names a source of its own", () => {
    const userAuth = { ...github.userAuth, credential: { source: "token-exchange" } };
    expect(after({ ...github, userAuth, headersHelper: "./headers.sh" }, "helperMissing")).toEqual({
      'Replace the helper of "it" by Lanyard': { ...github, userAuth },
    });
  });
});

test("a server without a type gets one", () => {
  const { type: _type, ...untyped } = github;
  expect(after(untyped, "missing")).toEqual({ 'Add "type": "http" to "it"': github });
});

test("what else is missing is for the person to write", () => {
  const { url: _url, ...nowhere } = github;
  expect(after(nowhere, "missing")).toEqual({});
  const { clientId: _clientId, ...userAuth } = github.userAuth;
  expect(after({ ...github, userAuth }, "missing")).toEqual({});
});

describe("a URL that would carry a credential in the clear", () => {
  test.each([
    ["http://mcp.example/x", "Use https", "https://mcp.example/x"],
    ["HTTP://mcp.example/x", "Use https", "HTTPs://mcp.example/x"],
    ["ws://mcp.example/x", "Use wss", "wss://mcp.example/x"],
    ["${HOST:-http://mcp.example}/x", "Use https", "${HOST:-https://mcp.example}/x"],
  ])("%s: %s", (url, title, secure) => {
    expect(after({ ...github, url }, "insecureUrl")).toEqual({ [title]: { ...github, url: secure } });
  });

  test("so does an issuer's", () => {
    const userAuth = { ...github.userAuth, issuer: "http://idp.example.com" };
    expect(after({ ...github, userAuth }, "insecureIssuer")).toEqual({ "Use https": github });
  });
});

describe("a token in the file", () => {
  const title = 'Remove the token of "it" from the file';

  test("makes room for the guard", () => {
    expect(after({ ...github, headers: { Authorization: "Bearer abc" } }, "literalToken")).toEqual({
      [title]: github,
    });
  });

  test("leaves other headers", () => {
    const headers = { "X-Team": "web", authorization: "abc", "X-Other": "1" };
    expect(after({ ...github, headers }, "literalToken")).toEqual({
      [title]: { ...github, headers: { "X-Team": "web", "X-Other": "1", ...guard } },
    });
  });

  test("makes room for the helper where there is none", () => {
    expect(after({ ...withoutHelper, headers: { Authorization: "Bearer abc" } }, "literalToken")).toEqual({
      [title]: github,
    });
  });
});

test("a fix mends its issue and nothing else, whatever the file looks like", () => {
  const entries = {
    helperMissing: withoutHelper,
    unsetVariable: { ...github, url: "https://${HOST}/mcp" },
    insecureUrl: { ...github, url: "http://mcp.example/" },
    literalToken: { ...withoutHelper, headers: { Authorization: "Bearer abc", "X-Team": "web" } },
    missing: { url: github.url, userAuth: github.userAuth, headers: guard, headersHelper: lanyard },
    guardMissing: { ...github, headers: { "X-Team": "web" } },
  } as const;
  const codes = fc.constantFrom(...(Object.keys(entries) as (keyof typeof entries)[]));
  const cases = codes.chain((code) =>
    fc.tuple(fc.constant(code), written({ mcpServers: { one: github, it: entries[code], two: {} }, x: 1 })),
  );
  fc.assert(
    fc.property(cases, ([code, text]) => {
      // Comments are no JSON to Claude Code, so that the file has one issue: the fixes work on it all the same.
      const plain = text.replace(/\/\* one \*\/|\/\* two\nlines \*\/|\/\/ rest/g, (comment) =>
        comment.replace(/[^\n]/g, " "),
      );
      const issue = read(plain).issues.find((each) => each.code === code);
      if (issue?.place === undefined) throw new Error(`No ${code}`);
      const offset = offsetOf(text, issue);
      const { endLine, endColumn } = issue.place;
      const end = offsetOf(text, { ...issue, place: { ...issue.place, line: endLine, column: endColumn } });
      const [fix] = fixesFor(text, { code, offset, length: end - offset }, noVariables);
      const result = applied(text, fix?.edits ?? []);
      const { mcpServers, x } = valueOf(result) as { mcpServers: Record<string, unknown>; x: unknown };
      expect({ ...mcpServers, it: 0, x }).toEqual({ one: github, it: 0, two: {}, x: 1 });
      expect(read({ mcpServers }).issues.filter((each) => each.code === code)).toEqual([]);
      expect(read({ mcpServers }).issues.length).toBeLessThan(read(plain).issues.length);
      const removed = commentsOf(text).length - commentsOf(result).length;
      expect(["literalToken", "guardMissing"].includes(code) ? Math.min(removed, 0) : removed).toBe(0);
    }),
  );
});

describe("an entry that clients would connect to without a credential", () => {
  const { headers: _headers, ...unguarded } = github;
  const title = 'Let no request of "it" go out without a credential';

  test("gets the guard", () => {
    expect(after(unguarded, "guardMissing")).toEqual({ [title]: github });
  });

  test("keeps its other headers, and gets one under each name that the source sets", () => {
    const credential = {
      ...{ source: "vault-lookup", url: "https://vault.example/" },
      headers: { "X-Key": "{credential}", "X-User": "{subject}" },
    };
    const userAuth = { ...github.userAuth, credential };
    const headers = { "X-Team": "web" };
    expect(after({ ...github, userAuth, headers }, "guardMissing")).toEqual({
      [title]: {
        ...{ ...github, userAuth },
        headers: { "X-Team": "web", "X-Key": guard.Authorization, "X-User": guard.Authorization },
      },
    });
  });

  test.each([
    ["guardWrongCase", { authorization: "None.\nSign in." }, { Authorization: "None.\nSign in." }],
    ["guardSent", { Authorization: "No credential.\n" }, guard],
    ["guardSent", { authorization: "Kein Schlüssel" }, guard],
    ["guardBlocks", { ...guard, "X-API-Key": guard.Authorization }, guard],
    ["guardMissing", { authorization: "${OLD}" }, guard],
  ] as const)("%s %j becomes %j", (code, headers, expected) => {
    expect(after({ ...github, headers }, code)).toEqual({ [title]: { ...github, headers: expected } });
  });

  test("so do all of the file at once, and those that need none stay", () => {
    const text = file({ one: unguarded, fine: github, two: unguarded, other: { command: "x" } });
    const [, all] = fixesOf(text, "guardMissing");
    expect(all && fixTitle(all, english)).toBe("Do so for all 2 entries of this file that need it");
    expect(valueOf(applied(text, all?.edits ?? []))).toEqual({
      mcpServers: { one: github, fine: github, two: github, other: { command: "x" } },
    });
  });
});

test("a text that is no JSON has no fixes", () => {
  expect(fixesFor("{", { code: "helperMissing", offset: 0, length: 1 }, noVariables)).toEqual([]);
  expect(fixesFor("[".repeat(20_000), { code: "helperMissing", offset: 0, length: 1 }, noVariables)).toEqual(
    [],
  );
});
