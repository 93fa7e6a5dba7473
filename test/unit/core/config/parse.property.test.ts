import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EntryOrigin } from "../../../../src/core/config/connector.ts";
import type { Place } from "../../../../src/core/config/issues/issue.ts";
import { parseFile, type FileReading } from "../../../../src/core/config/parse.ts";
import { english } from "../../../../src/core/text.ts";
import { fuzzRuns, memoryLevel } from "../../../support/fuzz.ts";
import { guard, github, read, user, workspace } from "./support.ts";

const parse = (text: string, origin: EntryOrigin): FileReading =>
  parseFile({ text, origin, env: (name) => (name === "SET" ? "value" : undefined) });

/** Whether an editor could underline the place: both ends stand in lines that are there, the first before the second. */
const isWithin = (lines: readonly string[], place: Place | undefined): boolean => {
  if (place === undefined) return false;
  const { line, column, endLine, endColumn } = place;
  const ordered = line < endLine || (line === endLine && column <= endColumn);
  return ordered && column <= (lines[line]?.length ?? -1) && endColumn <= (lines[endLine]?.length ?? -1);
};

const expectSound = (text: string, { issues }: FileReading): void => {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  expect(issues.filter(({ place }) => !isWithin(lines, place))).toEqual([]);
  expect(issues.filter(({ template, args }) => /\{\d\}/.test(english(template, ...args)))).toEqual([]);
};

const origins = fc.constantFrom(workspace, user);

/** Values close to what belongs there, so that every rule is met. */
const nearly = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...Object.values(github), "${SET}", "${UNSET}", "http://a.example", ""),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
const credential = fc.oneof(
  nearly,
  fc.record({ source: fc.oneof(fc.constantFrom("script", "token-exchange"), nearly), resource: nearly }),
);
const userAuth = fc.oneof(
  nearly,
  fc.record(
    { issuer: nearly, clientId: nearly, scopes: nearly, resource: nearly, credential },
    { requiredKeys: [] },
  ),
);
const entry = fc.record(
  { type: nearly, url: nearly, headers: nearly, headersHelper: nearly, userAuth },
  { requiredKeys: [] },
);
const nearlyFile = fc.record({
  mcpServers: fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue()), { maxKeys: 4 }),
  projects: fc.dictionary(
    fc.string(),
    fc.oneof(fc.record({ mcpServers: fc.dictionary(fc.string(), entry) }), fc.jsonValue()),
  ),
});

describe("parseFile, whatever the text", { timeout: 600_000 }, () => {
  it("never throws, and every issue lies within the file", () => {
    const anyText = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.json(),
      nearlyFile.map((value) => JSON.stringify(value, null, "\t")),
    );
    const level = memoryLevel();
    fc.assert(
      fc.property(anyText, origins, (text, origin) => expectSound(text, parse(text, origin))),
      { numRuns: fuzzRuns(2500) },
    );
    expect(level.growth()).toBe(0);
  });

  it("survives a file that breaks off anywhere", () => {
    const cut = fc
      .tuple(nearlyFile, fc.nat({ max: 1000 }))
      .map(([value, end]) => JSON.stringify(value).slice(0, end));
    fc.assert(
      fc.property(cut, origins, (text, origin) => expectSound(text, parse(text, origin))),
      {
        numRuns: fuzzRuns(1000),
      },
    );
  });

  it("makes of every entry with userAuth one connector or one broken entry, and of the rest neither", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), entry), (servers) => {
        const { connectors, broken, others } = read({ mcpServers: servers }, { env: { SET: "value" } });
        const ours = Object.keys(servers).filter((name) => {
          const server = servers[name] ?? {};
          return Object.hasOwn(server, "userAuth") || server.headersHelper === github.headersHelper;
        });
        expect([...connectors, ...broken].map(({ name }) => name).sort()).toEqual(ours.sort());
        expect(others.filter(({ name }) => !Object.hasOwn(servers, name) || ours.includes(name))).toEqual([]);
        expect(broken.every(({ issues }) => issues.some(({ severity }) => severity === "error"))).toBe(true);
      }),
    );
  });

  it("gives back what a valid entry holds", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}$/);
    const https = fc.webUrl({ validSchemes: ["https"] });
    const valid = fc.record({
      name: fc.string(),
      type: fc.constantFrom("http", "sse", "ws"),
      url: https,
      issuer: https,
      clientId: word,
      scopes: fc.uniqueArray(word, { minLength: 1 }),
      script: fc.option(word, { nil: undefined }),
    });
    fc.assert(
      fc.property(valid, ({ name, type, url, issuer, clientId, scopes, script }) => {
        const headersHelper = script === undefined ? "lanyard headers" : `lanyard headers -- ./${script}`;
        const userAuth = { issuer, clientId, scopes: scopes.join(" ") };
        const server = { type, url, headers: guard, headersHelper, userAuth };
        expect(read({ mcpServers: Object.fromEntries([[name, server]]) })).toMatchObject({
          broken: [],
          issues: [],
          connectors: [
            {
              name,
              transport: type,
              url,
              userAuth: { issuer, clientId, scopes },
              credential:
                script === undefined ? { source: "token-exchange", resource: url } : { source: "script" },
            },
          ],
        });
      }),
    );
  });
});
