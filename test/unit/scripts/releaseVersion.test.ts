import { expect, test } from "vitest";
import { channelOf } from "../../../scripts/releaseVersion.ts";

const release = (
  version: string,
  over: { readonly tag?: string; readonly changelog?: string } = {},
): string =>
  channelOf({
    tag: `v${version}`,
    version,
    changelog: `# Changelog\n\n## [${version}] - 2026-01-02\n`,
    ...over,
  });

test("an even minor version is a release, an odd one a pre-release", () => {
  expect(release("1.2.0")).toBe("");
  expect(release("0.10.3")).toBe("");
  expect(release("1.3.0")).toBe("--pre-release");
});

test.each([
  ["a tag of another version", "1.2.0", { tag: "v1.2.1" }, /tag is v1\.2\.1/],
  ["a version that marketplaces refuse", "1.2.0-beta.1", {}, /marketplaces take 1\.2\.3 alone/],
  ["a changelog without it", "1.2.0", { changelog: "\n## [Unreleased]\n" }, /CHANGELOG\.md has no/],
])("%s is refused", (_what, version, over, message) => {
  expect(() => release(version, over)).toThrow(message);
});
