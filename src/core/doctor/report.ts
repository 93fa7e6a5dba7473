import type { Translate } from "../text.ts";
import { countsOf, findingsInOrder, type Finding } from "./finding.ts";

/** Where it was looked from, as `[name, value]`. */
export type ReportFacts = readonly (readonly [string, string])[];

/** Columns that show beside a side bar. */
const width = 110;

/** The findings as plain text that a person reads and a ticket can hold. */
export const reportText = (findings: readonly Finding[], surroundings: ReportFacts, t: Translate): string => {
  const { failed, warning, ok } = countsOf(findings);
  const head = [
    t("Lanyard doctor. Failed: {0}, warnings: {1}, ok: {2}.", failed, warning, ok),
    wrapped(surroundings.map(([name, value]) => `${name} ${value}`).join(" · "), width, ""),
  ];
  return [...head, "", findingsText(findings, width), ""].join("\n");
};

/**
 * One finding a line, each remedy on a line of its own below.
 * @param columns where lines are broken, if at all
 */
export const findingsText = (findings: readonly Finding[], columns = Infinity): string =>
  findingsInOrder(findings)
    .map((finding) => linesOf(finding, columns))
    .join("\n");

const indent = " ".repeat(9);

const linesOf = ({ check, verdict, finding, remedy }: Finding, columns: number): string => {
  const line = wrapped(`${verdict.padEnd(7)}  ${check}: ${finding}`, columns, indent);
  return remedy === undefined ? line : `${line}\n${wrapped(`${indent}→ ${remedy}`, columns, `${indent}  `)}`;
};

/** Broken at blanks. A word that is longer than a line stays whole: it may be a path. */
const wrapped = (text: string, columns: number, further: string): string => {
  const at = text.length <= columns ? -1 : text.lastIndexOf(" ", columns);
  if (at <= further.length) return text;
  return `${text.slice(0, at)}\n${wrapped(further + text.slice(at + 1), columns, further)}`;
};
