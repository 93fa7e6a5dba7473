import { expect, test } from "vitest";
import type { Bundled } from "../../../../scripts/supplyChain/bundled.ts";
import { packageFolder } from "../../../../scripts/supplyChain/bundled.ts";
import { purlOf, sbomOf, sbomSchema, type SbomParts } from "../../../../scripts/supplyChain/sbom.ts";

const pack = (name: string, needs: readonly string[] = []): Bundled => ({
  ...{ name, version: "1.2.3", license: "MIT", texts: ["text"], needs },
});
const parts: SbomParts = {
  product: { name: "lanyard", version: "0.1.0", license: "MIT", needs: ["direct"] },
  packages: [pack("@scope/deep"), pack("direct", ["@scope/deep", "not-bundled"])],
  lock: JSON.stringify({
    packages: {
      "": {},
      "node_modules/direct": { version: "1.2.3", integrity: `sha512-${Buffer.alloc(64).toString("base64")}` },
      "node_modules/direct/node_modules/@scope/deep": { version: "9.9.9", integrity: "sha512-AAAA" },
    },
  }),
};

test("names every package, who asks for it, and its hash by the lock file", () => {
  const sbom = sbomOf(parts);
  expect(sbom.components).toMatchObject([
    { group: "@scope", name: "deep", purl: "pkg:npm/%40scope/deep@1.2.3" },
    { name: "direct", hashes: [{ alg: "SHA-512", content: "0".repeat(128) }] },
  ]);
  expect(sbom.dependencies).toEqual([
    { ref: "lanyard@0.1.0", dependsOn: ["pkg:npm/direct@1.2.3"] },
    { ref: "pkg:npm/%40scope/deep@1.2.3", dependsOn: [] },
    { ref: "pkg:npm/direct@1.2.3", dependsOn: ["pkg:npm/%40scope/deep@1.2.3"] },
  ]);
});

test("gives no hash to a version that the lock file does not have", () => {
  expect(sbomOf(parts).components[0]?.hashes).toBeUndefined();
});

test("the schema refuses what points to nothing, and keys that CycloneDX has not", () => {
  const sbom = sbomOf(parts);
  expect(sbomSchema.safeParse({ ...sbom, components: sbom.components.slice(1) }).success).toBe(false);
  expect(sbomSchema.safeParse({ ...sbom, timestamp: "now" }).success).toBe(false);
  expect(sbomSchema.safeParse(sbom).success).toBe(true);
});

test.each([
  ["src/core/http.ts", undefined],
  ["node_modules/zod/v4/core/schemas.js", "node_modules/zod"],
  ["node_modules/@a/b/index.js", "node_modules/@a/b"],
  ["../../else/node_modules/a/node_modules/@b/c/x.js", "../../else/node_modules/a/node_modules/@b/c"],
])("%s is of the package in %s", (input, folder) => {
  expect(packageFolder(input)).toBe(folder);
});

test("a scope is escaped as purls want it", () => {
  expect(purlOf("@a/b", "1.0.0-rc.1+x")).toBe("pkg:npm/%40a/b@1.0.0-rc.1%2Bx");
});
