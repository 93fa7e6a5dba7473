import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import * as z from "zod";
import { inRoot } from "../../scripts/support/paths.ts";
import { fencedBlocks } from "../../test/idps/support/fencedBlocks.ts";
import { parseFile } from "../../src/core/config/parse.ts";
import { readFacadeConfig } from "../src/core/config/schema.ts";

const page = await readFile(inRoot("docs/facade-setup.md"), "utf8");
const [whole = "", entries = ""] = fencedBlocks(page, "Keycloak")
  .filter(({ language }) => language === "json")
  .map(({ text }) => text);
/** "what differs in `facade.json`" of each vendor. */
const vendors = [...page.matchAll(/^## (.+)$/gm)]
  .map(([, heading = ""]) => heading)
  .filter((heading) => heading !== "Keycloak");

test("the docs' facade.json is one", () => {
  expect(readFacadeConfig(whole)).toMatchObject({ kind: "config" });
});

test("the docs' .mcp.json is one, whose connector the facade has a target for", () => {
  const origin = { kind: "workspace", file: "/acme/.mcp.json", folder: "/acme" } as const;
  const reading = parseFile({ text: entries, origin, env: () => undefined });
  expect(reading).toMatchObject({ kind: "read", issues: [] });
  const { targets } = z.looseObject({ targets: z.looseObject({}) }).parse(JSON.parse(whole));
  const urls = reading.kind === "read" ? reading.connectors.map(({ url }) => url) : [];
  expect(urls).toEqual(Object.keys(targets));
});

test.each(vendors)("what differs for %s makes a whole facade.json", (heading) => {
  const [{ text } = { text: "" }] = fencedBlocks(page, heading).filter(({ language }) => language === "json");
  const differing = z.looseObject({ vaults: z.looseObject({}) }).parse(JSON.parse(`{${text}}`));
  const changed = { ...z.looseObject({}).parse(JSON.parse(whole)), ...differing };
  expect(readFacadeConfig(JSON.stringify(changed))).toMatchObject({ kind: "config" });
});
