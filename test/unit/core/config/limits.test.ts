import { expect, test } from "vitest";
import { file, github, read } from "./support.ts";

test.each([
  ["of places", "{a}".repeat(40_000)],
  ["of braces", "{{".repeat(60_000)],
  ["of opened braces", "{".repeat(120_000)],
  ["of variables", "${A:-".repeat(24_000)],
])("an entry with 120 kB %s in a template is refused at its place, at once", (_what, template) => {
  const headers = { "X-Key": template };
  const credential = { source: "custom", request: { url: "https://vault.example.com", headers } };
  const text = file({ github: { ...github, userAuth: { ...github.userAuth, credential } } });
  const startedMs = performance.now();
  const { connectors, issues } = read(text);
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(connectors).toEqual([]);
  const tooLong = issues.find(({ code }) => code === "tooLong");
  expect(tooLong?.args).toContain("userAuth.credential");
  expect(tooLong?.place?.line).toBeGreaterThan(1);
});
