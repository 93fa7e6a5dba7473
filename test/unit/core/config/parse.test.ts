import { english } from "../../../../src/core/text.ts";
import { describe, expect, it } from "vitest";
import { parseFile, unreadableFile } from "../../../../src/core/config/parse.ts";
import { github, read, shown, user, workspace } from "./support.ts";

it("says of an entry with our helper and no userAuth what is missing", () => {
  const { userAuth: _userAuth, ...bare } = github;
  const { broken, issues, others } = read({
    mcpServers: { a: bare, b: { ...bare, headersHelper: "./own.sh" } },
  });
  expect(broken.map(({ name }) => name)).toEqual(["a"]);
  expect(issues.map((issue) => english(issue.template, ...issue.args))[0]).toContain("add-json");
  expect(others.map(({ name }) => name)).toEqual(["b"]);
});

/** Each tried with the client itself (test/clients/support/oddLayouts.ts). */
it.each([
  [{ command: "npx" }, true],
  [{ type: "stdio", command: "npx" }, true],
  [{ type: "http", url: "no URL" }, true],
  [{ type: "http", url: "https://a.example", headers: { a: "b" } }, true],
  [{}, false],
  [{ command: 7 }, false],
  [{ url: "https://a.example" }, false],
  [{ type: "http" }, false],
  [{ type: "http", url: 7 }, false],
  [{ type: "http", url: "https://a.example", headers: { a: 7 } }, false],
  [{ type: "http", url: "https://a.example", headers: [] }, false],
  [{ type: "strange", url: "https://a.example" }, false],
])("takes %j for a server that hides others of its name: %s", (server, isTaken) => {
  expect(read({ mcpServers: { a: server } }).others.map(({ name }) => name)).toEqual(isTaken ? ["a"] : []);
});

describe("a file's servers", () => {
  it("a server named twice, at every name after the first", () => {
    const entry = JSON.stringify(github);
    const text = `{"mcpServers":{"a":${entry},"github":${entry},\n"github":${entry}}}`;
    const { connectors, broken, issues } = read(text);
    expect(connectors.map(({ name }) => name)).toEqual(["a"]);
    expect(broken.map(({ name }) => name)).toEqual(["github"]);
    expect(issues.map(({ code, place }) => [code, place?.line, place?.column])).toEqual([
      ["duplicateName", 1, 0],
    ]);
  });

  it("a server named twice is not ours when none of the two has userAuth", () => {
    const text = '{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}}}';
    expect(read(text)).toMatchObject({ issues: [], others: [{ name: "a" }] });
  });

  it("mcpServers that is no object, and a file that is none", () => {
    expect(shown('{"mcpServers":[]}', read('{"mcpServers":[]}').issues)).toEqual([
      'error wrongType at []: "mcpServers" has to be an object in braces { }.',
    ]);
    expect(shown("[]", read("[]").issues)).toEqual([
      "error wrongType at []: This file has to be an object in braces { }.",
    ]);
  });
});

describe("a file that is no JSON", () => {
  it.each([
    ["half written", '{ "mcpServers": {\n  "github": {\n    "type": "ht', 2, 12],
    ["cut off", '{ "mcpServers": {\n', 1, 0],
    ["empty", "", 0, 0],
    ["with a comment", '{\n  // ours\n  "mcpServers": {} }', 1, 2],
    ["with a comma too many", '{ "mcpServers": {\n}, }', 1, 3],
  ])("%s, is one error at the place where reading stopped", (_case, text, line, column) => {
    const reading = parseFile({ text, origin: workspace, env: () => undefined });
    expect(reading.kind).toBe("unreadable");
    expect(reading.issues).toMatchObject([{ code: "syntax", severity: "error", place: { line, column } }]);
  });

  it("or cannot be read at all, is an error at its beginning", () => {
    const { issues } = unreadableFile(workspace, "EACCES");
    expect(shown("", issues)).toEqual([
      "error unreadable at : This file cannot be read (EACCES). Check that it exists and that you may read it.",
    ]);
  });

  it("is JSON all the same behind a byte order mark", () => {
    const { connectors } = read(`\ufeff{"mcpServers":{"github":${JSON.stringify(github)}}}`);
    expect(connectors[0]?.place.column).toBe('{"mcpServers":{'.length);
  });
});

describe("the user's own configuration", () => {
  const config = {
    numStartups: 12,
    projects: {
      "/work/acme": { history: [{ display: "x" }], mcpServers: { linear: github } },
      "/work/other": { allowedTools: [] },
      "/work/odd": null,
    },
    mcpServers: { github },
  };

  it("has servers for every folder, and servers for one", () => {
    const { connectors, issues } = read(config, { origin: user });
    expect(issues).toEqual([]);
    expect(connectors.map(({ name, origin }) => [name, origin])).toEqual([
      ["github", user],
      ["linear", { ...user, folder: "/work/acme" }],
    ]);
    expect(new Set(connectors.map(({ id }) => id)).size).toBe(2);
  });

  it("is not searched for projects when it is a .mcp.json", () => {
    expect(read(config).connectors.map(({ name }) => name)).toEqual(["github"]);
  });

  it("is read quickly, however much else is in it", () => {
    const history = Array.from({ length: 30_000 }, (_, index) => ({
      display: `{"prompt": [${index}`.repeat(10),
    }));
    const text = JSON.stringify(
      { ...config, projects: { ...config.projects, "/big": { history } } },
      null,
      2,
    );
    expect(text.length).toBeGreaterThan(5_000_000);
    const startMs = performance.now();
    expect(read(text, { origin: user }).connectors).toHaveLength(2);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
