import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addConnector,
  hasServer,
  signInsOf,
  type AddedConnector,
  type ConnectorDraft,
} from "../../../../../src/core/config/edits/addConnector.ts";
import { sourceChoices } from "../../../../../src/core/config/edits/sourceChoices.ts";
import { file, github, lanyardWith, read } from "../support.ts";
import { applied, commentsOf, valueOf, written } from "./support.ts";

const draft: ConnectorDraft = {
  name: "github",
  url: github.url,
  signIn: github.userAuth,
  source: { kind: "source", source: "token-exchange", settings: [{ path: ["resource"], value: github.url }] },
  way: "headers",
};

const entry = {
  ...github,
  userAuth: { ...github.userAuth, credential: { source: "token-exchange", resource: github.url } },
};

/** VS Code warns of no variable whose default holds an escape. */
const asWritten = (text: string): string => text.replace("$HOME/.lanyard}", String.raw`$HOME\/.lanyard}`);

const textAfter = (text: string, added: AddedConnector): string => {
  if (added.kind !== "edits") throw new Error(added.kind);
  return applied(text, added.edits);
};

const add = (text: string, over: Partial<ConnectorDraft> = {}, replace = false): string =>
  textAfter(text, addConnector(text, { ...draft, ...over }, { replace }));

describe("a connector is added", () => {
  test("to a file that is not there yet", () => {
    expect(add("")).toBe(`${asWritten(file({ github: entry }))}\n`);
  });

  test.each([
    ["an object without servers", "{}", { mcpServers: { github: entry } }],
    ["other settings", '{ "x": 1 }', { x: 1, mcpServers: { github: entry } }],
    ["no server yet", file({}), { mcpServers: { github: entry } }],
    ["other servers", file({ other: {} }), { mcpServers: { other: {}, github: entry } }],
  ])("to a file with %s", (_, text, expected) => {
    expect(valueOf(add(text))).toEqual(expected);
  });

  test("with the script that makes the headers", () => {
    const source = { kind: "script", command: "./headers.sh" } as const;
    expect(valueOf(add("", { source }))).toEqual({
      mcpServers: { github: { ...github, headersHelper: lanyardWith("./headers.sh") } },
    });
  });

  test("for every client, with its URL where none of them looks", () => {
    const { url, userAuth } = entry;
    expect(valueOf(add("", { way: "bridge" }))).toEqual({
      mcpServers: {
        github: {
          command: "sh",
          args: ["-c", 'exec "${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" bridge github'],
          userAuth: { url, ...userAuth },
          headers: github.headers,
        },
      },
    });
    expect(read(add("", { way: "bridge" })).connectors).toMatchObject([{ url, helper: { kind: "bridge" } }]);
  });

  test("with settings of settings", () => {
    const settings = [
      { path: ["request", "url"], value: "https://vault.example/token" },
      { path: ["request", "method"], value: "POST" },
    ];
    expect(valueOf(add("", { source: { kind: "source", source: "custom", settings } }))).toMatchObject({
      mcpServers: {
        github: {
          userAuth: {
            credential: { source: "custom", request: { url: "https://vault.example/token", method: "POST" } },
          },
        },
      },
    });
  });

  test("and is a connector as it stands, whatever the file looks like; all else and every comment stay", () => {
    const files = fc
      .dictionary(fc.string(), fc.constantFrom({}, github, { command: "x" }))
      .filter((servers) => !("github" in servers) && !("__proto__" in servers))
      .chain((servers) => fc.tuple(fc.constant(servers), written({ mcpServers: servers, x: 1 })));
    fc.assert(
      fc.property(files, ([servers, text]) => {
        const result = add(text);
        expect(valueOf(result)).toEqual({ mcpServers: { ...servers, github: entry }, x: 1 });
        expect(commentsOf(result)).toEqual(commentsOf(text));
        expect(read({ mcpServers: { github: entry } }).issues).toEqual([]);
      }),
    );
  });
});

describe("a server of that name", () => {
  const text = file({ github: { command: "x" }, other: {} });

  test("is never overwritten by itself", () => {
    expect(hasServer(text, "github")).toBe(true);
    expect(hasServer(text, "gitlab")).toBe(false);
    expect(addConnector(text, draft, { replace: false })).toEqual({ kind: "exists" });
  });

  test("is replaced in its place where the person says so", () => {
    expect(add(text, {}, true)).toBe(asWritten(file({ github: entry, other: {} })));
  });
});

test.each([
  ["broken", "{"],
  ["a list", "[]"],
  ["without an object for servers", '{"mcpServers":[]}'],
  ["nested beyond reading", "[".repeat(20_000)],
])("a file that is %s is not written to", (_, text) => {
  expect(addConnector(text, draft, { replace: true })).toEqual({ kind: "unreadable" });
});

describe("every source of the registry can be chosen", () => {
  const samples: Readonly<Record<string, string>> = {
    request: "https://vault.example/",
    role: "arn:aws:iam::123456789012:role/connectors",
  };
  test.each(sourceChoices().map((choice) => [choice.source, choice] as const))("%s", (_, choice) => {
    expect(choice.description).toMatch(/^[A-Z].{10,110}\.$/);
    for (const { description, isRequired } of choice.options) {
      expect(isRequired || description !== "").toBe(true);
    }
    const required = choice.options.filter(({ isRequired }) => isRequired);
    const candidates = ["https://vault.example/", "name"];
    const settings = required.map(({ path, schema, kind }) => {
      const values = kind.kind === "choice" ? kind.values : candidates;
      const value = values.find((each) => schema.safeParse(each).success) ?? samples[path[0] ?? ""] ?? "";
      return { path, value };
    });
    const source: ConnectorDraft["source"] =
      choice.source === "script"
        ? { kind: "script", command: "./headers.sh" }
        : { kind: "source", source: choice.source, settings };
    for (const way of choice.ways) expect(read(add("", { source, way })).issues).toEqual([]);
    expect(choice.ways).not.toEqual([]);
  });

  test("where its way can serve it", () => {
    const waysOf = (name: string): unknown => sourceChoices().find(({ source }) => source === name)?.ways;
    expect(waysOf("script")).toEqual(["headers"]);
    expect(waysOf("aws-sts")).toEqual(["bridge"]);
    expect(waysOf("vault-lookup")).toEqual(["headers", "bridge"]);
  });
});

test("the sign-ins that are known come whole, each once", () => {
  const userAuth = {
    ...github.userAuth,
    resource: "https://api.example",
    events: "https://vault.example/events",
  };
  const { connectors } = read(file({ a: github, b: github, c: { ...github, userAuth } }));
  expect(signInsOf(connectors)).toEqual([github.userAuth, userAuth]);
});
