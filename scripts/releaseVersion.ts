/**
 * What a tag releases: `node scripts/releaseVersion.ts v1.2.3`. Prints `channel=`, or `channel=--pre-release` for an odd
 * minor version, and ends with an error where tag, package.json and changelog do not agree.
 */
import { readFile } from "node:fs/promises";
import { inRoot } from "./support/paths.ts";

export interface Release {
  readonly tag: string;
  /** The version in package.json. */
  readonly version: string;
  readonly changelog: string;
}

/** The marketplaces know no `-beta.1`: pre-releases are told apart by their minor version, which is odd. */
export const channelOf = ({ tag, version, changelog }: Release): "" | "--pre-release" => {
  const minor = /^\d+\.(\d+)\.\d+$/.exec(version)?.[1];
  if (minor === undefined)
    throw new Error(`package.json has the version ${version}; marketplaces take 1.2.3 alone.`);
  if (tag !== `v${version}`)
    throw new Error(`The tag is ${tag}, but package.json has the version ${version}.`);
  if (!changelog.includes(`\n## [${version}] - `))
    throw new Error(
      `CHANGELOG.md has no "## [${version}] - date": give what is under [Unreleased] that heading.`,
    );
  return Number(minor) % 2 === 1 ? "--pre-release" : "";
};

if (import.meta.main) {
  // Nothing is installed yet when this runs: it stops a wrong tag before anything else is done.
  const manifest: unknown = JSON.parse(await readFile(inRoot("package.json"), "utf8"));
  const isWhole = typeof manifest === "object" && manifest !== null && "version" in manifest;
  const version = isWhole ? String(manifest.version) : "";
  const changelog = await readFile(inRoot("CHANGELOG.md"), "utf8");
  console.log(`channel=${channelOf({ tag: process.argv[2] ?? "", version, changelog })}`);
}
