import type { Bundled } from "./bundled.ts";

/** What may be shipped inside a program under the MIT license, when its text goes along (SPDX identifiers). */
export const allowedLicenses: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
]);

/** Whether an SPDX expression can be met by what is allowed: one side of an `OR`, both of an `AND`. */
export const isAllowed = (expression: string): boolean =>
  expression
    .replaceAll(/^\(|\)$/g, "")
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((license) => allowedLicenses.has(license.trim())));

/** @throws a message that names every package that may not ship, and what to do about it. */
export const refuseLicenses = (packages: readonly Bundled[]): void => {
  const problems = packages.flatMap(({ name, version, license, texts }) => {
    if (!isAllowed(license)) return [`${name}@${version} is under "${license}"`];
    return texts.length === 0 ? [`${name}@${version} has no file with its license's text`] : [];
  });
  if (problems.length === 0) return;
  throw new Error(
    [
      "These packages would be shipped, and may not:",
      ...problems.map((problem) => `  ${problem}`),
      `Allowed are ${[...allowedLicenses].join(", ")}, with their text. Import another package, or have the license cleared and add it to scripts/supplyChain/licenses.ts.`,
    ].join("\n"),
  );
};
