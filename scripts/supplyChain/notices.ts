import type { Bundled } from "./bundled.ts";

/** The licenses of all that is bundled, each text once, with the packages that it covers. */
export const noticesOf = (packages: readonly Bundled[]): string => {
  const covered = new Map<string, string[]>();
  for (const { name, version, license, texts } of packages) {
    const text = texts.join("\n\n");
    covered.set(text, [...(covered.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const line = "-".repeat(80);
  const parts = [...covered].map(([text, names]) => `${line}\n${names.join("\n")}\n${line}\n\n${text}\n`);
  return ["Lanyard contains parts of the packages below. Their licenses:\n", ...parts].join("\n");
};
