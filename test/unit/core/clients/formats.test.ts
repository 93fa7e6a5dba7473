import fc from "fast-check";
import { applyEdits } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { knownClients } from "../../../../src/core/clients/clients.ts";
import type { ClientFormat, Edited } from "../../../../src/core/clients/format.ts";
import { statementsOf } from "../../../../src/core/clients/toml.ts";
import { tomlFormat } from "../../../../src/core/clients/tomlFormat.ts";
import { yamlFormat } from "../../../../src/core/clients/yamlFormat.ts";
import { bridgeCommand } from "../../../../src/core/config/command/bridgeCommand.ts";

const name = "salesforce";
const entry = bridgeCommand(name);
const json = knownClients.gemini.reads.format;
const openCode = knownClients.opencode.reads.format;

const after = (text: string, edited: Edited): string => {
  if (edited.kind !== "edits") throw new Error(`It is ${edited.kind}.`);
  return applyEdits(text, [...edited.edits]);
};

const jsonTexts = [
  "",
  "{}\n",
  '{\n  // mine\n  "theme": "dark", // dark\n}\n',
  '{\n\t"mcpServers": {\n\t\t"a": { "command": "x" } // kept\n\t}\n}\n',
  '{"mcpServers":{},"mcp":{}}',
  '{\r\n  "mcp": {\r\n    "a": { "type": "local", "command": ["x"] }\r\n  }\r\n}\r\n',
];
const tomlTexts = [
  "",
  'model = "x" # mine\n',
  'model = "x"',
  'a = """\n[mcp_servers.salesforce]\n"""\n\n[mcp_servers.other]\ncommand = "y"\nargs = [ # why\n  "a", # [x]\n  "]",\n]\n\n# the end\n',
  '[mcp_servers]\n  other = { command = "y", args = ["}"] }\n[[rules]]\nwhen = 1979-05-27 07:32:00\n',
  "[a.'mcp_servers'.salesforce]\r\nb = 1\r\n",
  'notify = [["a", "b"], {c = 1}]\n[projects."/home/alice/x"]\ntrust_level = "trusted"\n',
];
const yamlTexts = [
  "",
  "name: x\nversion: 1.0.0\nschema: v1\n",
  "name: x # mine\nmodels:\n  - name: m\n    roles:\n      - chat\nmcpServers:\n  - name: other\n    command: y # kept\n    args: [a, 'b']\n\n# about rules\nrules:\n  - be kind\n",
  "mcpServers:\n- name: other\n  command: y\n- name: third\n  command: z\nname: x",
  "mcpServers: []\nname: x\n",
  "mcpServers:\r\n    -   name: other\r\n        command: y\r\n        env:\r\n            A: b\r\n",
];

const formats: readonly (readonly [string, ClientFormat, readonly string[]])[] = [
  ["mcpServers in JSON", json, jsonTexts],
  ["mcp in JSON", openCode, jsonTexts],
  ["TOML", tomlFormat, tomlTexts],
  ["YAML", yamlFormat, yamlTexts],
];

const cases = formats.flatMap(([title, format, texts]) =>
  texts.map((text) => [title, text, format] as const),
);

describe("an entry in a client's own file", () => {
  test.each(cases)("%s: %j gets it once, and it goes again", (_title, text, format) => {
    expect(format.find(text, name)).toBe("absent");
    const added = after(text, format.add(text, name, entry));
    expect(format.find(added, name)).toBe("bridge");
    expect(format.add(added, name, entry)).toEqual({ kind: "there" });
    for (const word of text.match(/(?:#|\/\/).*|other|"a"/g) ?? []) expect(added).toContain(word.trimEnd());
    const removed = after(added, format.remove(added, name));
    expect(format.find(removed, name)).toBe("absent");
    expect(format.remove(removed, name)).toEqual({ kind: "absent" });
  });

  test.each([...tomlTexts, ...yamlTexts.slice(1, 4)].filter((text) => text.endsWith("\n")))(
    "what is added to %j and taken away leaves the file as it was",
    (text) => {
      const format = yamlTexts.includes(text) ? yamlFormat : tomlFormat;
      const added = after(text, format.add(text, name, entry));
      expect(after(added, format.remove(added, name))).toBe(text);
    },
  );

  test.each([
    ["TOML", tomlFormat, 'mcp_servers = { a = { command = "x" } }\n'],
    ["TOML", tomlFormat, "[[mcp_servers]]\n"],
    ["TOML", tomlFormat, "a = \n"],
    ["TOML", tomlFormat, 'a = "\n'],
    ["YAML", yamlFormat, "mcpServers: [{ name: a }]\n"],
    ["YAML", yamlFormat, "mcpServers: &all\n  - name: a\n"],
    ["YAML", yamlFormat, "{ mcpServers: [] }\n"],
    ["YAML", yamlFormat, "a: 1\n---\nmcpServers:\n"],
    ["YAML", yamlFormat, "mcpServers:\n  a:\n    command: x\n"],
    ["JSON", json, "{"],
    ["JSON", json, "[]"],
    ["JSON", json, '{"mcpServers":[]}'],
  ])("%s that is not understood is left alone: %#", (_title, format, text) => {
    expect(format.find(text, name)).toBe("unclear");
    expect(format.add(text, name, entry)).toEqual({ kind: "unclear" });
    expect(format.remove(text, name)).toEqual({ kind: "unclear" });
  });

  test.each([
    [tomlFormat, '[mcp_servers.salesforce]\ncommand = "sh"\nargs = ["-c", "curl evil.example"]\n'],
    [tomlFormat, '[mcp_servers]\nsalesforce.command = "x"\n'],
    [tomlFormat, '[mcp_servers.salesforce.env]\nA = "b"\n'],
    [yamlFormat, "mcpServers:\n  - command: x\n    name: salesforce\n"],
    [json, '{ "mcpServers": { "salesforce": { "url": "https://x.example" } } }'],
    [openCode, '{ "mcp": { "salesforce": { "type": "remote" } } }'],
  ])("another server of that name is told, and never replaced: %#", (format, text) => {
    expect(format.find(text, name)).toBe("other");
    expect(format.add(text, name, entry)).toEqual({ kind: "there" });
  });
});

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const tomlValue = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.integer().map(String),
  fc.boolean().map(String),
  fc.stringMatching(/^[^'\p{Cc}]{0,9}$/u).map((text) => `'${text}'`),
  fc
    .array(
      fc.string().map((text) => JSON.stringify(text)),
      { maxLength: 3 },
    )
    .map((all) => `[\n${all.join(",\n")}\n]`),
  fc.constantFrom('"""\n[x]\n"""', "'''\n[y]'''", "{ a = 1, b = [2] }", "1979-05-27 07:32:00Z", "[[1], [2]]"),
);
const tomlLine = fc.oneof(
  fc.tuple(word, tomlValue).map(([key, value]) => `${key} = ${value}`),
  fc.array(word, { minLength: 1, maxLength: 3 }).map((path) => `[${path.join(".")}]`),
  word.map((text) => `# ${text}`),
  fc.constantFrom("", "[[rules]]", '[projects."/a b"]'),
);

describe("TOML that people and tools write", () => {
  test("is read to its end, and keeps every character of its own", () => {
    fc.assert(
      fc.property(fc.array(tomlLine, { maxLength: 12 }), (lines) => {
        const text = lines.map((line) => `${line}\n`).join("");
        const all = statementsOf(text);
        expect(all).toHaveLength(lines.filter((line) => line !== "" && !line.startsWith("#")).length);
        const added = after(text, tomlFormat.add(text, name, entry));
        expect(added.startsWith(text)).toBe(true);
        expect(tomlFormat.find(added, name)).toBe("bridge");
        expect(after(added, tomlFormat.remove(added, name)).trimEnd()).toBe(text.trimEnd());
      }),
    );
  });

  test("any text is read or refused, and neither takes long", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("[", "]", '"', "'", "=", "\n", "a", ".", "#", "{", "}", " ") }),
        (text) => {
          const all = statementsOf(text);
          expect(all === undefined || all.every(({ start, end }) => start < end)).toBe(true);
        },
      ),
    );
  });
});

describe("YAML that people write", () => {
  const item = fc
    .tuple(word, word, fc.array(word, { maxLength: 3 }))
    .map(([server, command, args]) => [
      `  - name: x${server}`,
      `    command: ${command}`,
      ...(args.length === 0 ? [] : ["    args:", ...args.map((each) => `      - ${each}`)]),
    ]);
  test("keeps every line of its own, in order", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), fc.boolean(), (items, isLast) => {
        const servers = ["mcpServers:", ...items.flat()];
        const rest = ["name: x", "# about", "rules:", "  - be kind"];
        const text = [...(isLast ? [...rest, ...servers] : [...servers, ...rest]), ""].join("\n");
        const added = after(text, yamlFormat.add(text, name, entry));
        expect(yamlFormat.find(added, name)).toBe("bridge");
        const left = added.split("\n").filter((line) => text.split("\n").includes(line));
        expect(left.join("\n")).toContain(rest.join("\n"));
        const removed = after(added, yamlFormat.remove(added, name));
        expect(removed).toBe(items.length === 0 ? text.replace("mcpServers:\n", "") : text);
      }),
    );
  });
});
