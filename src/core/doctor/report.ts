import type { Translate } from "../text.ts";
import { countsOf, inOrder, type Finding } from "./finding.ts";

/** Where it was looked from, as `[name, value]`. */
export type Surroundings = readonly (readonly [string, string])[];

/** The findings as plain text that a person reads and a ticket can hold. Every line is of one finding, or empty. */
export const reportText = (
  findings: readonly Finding[],
  surroundings: Surroundings,
  t: Translate,
): string => {
  const { failed, warning, ok } = countsOf(findings);
  const head = [
    t("Lanyard doctor: {0} failed, {1} warnings, {2} ok", failed, warning, ok),
    surroundings.map(([name, value]) => `${name} ${value}`).join(" · "),
  ];
  return [...head, "", findingsText(findings), ""].join("\n");
};

/** One finding a line, each remedy on a line of its own below. */
export const findingsText = (findings: readonly Finding[]): string =>
  inOrder(findings).map(lineOf).join("\n");

const lineOf = ({ check, verdict, finding, remedy }: Finding): string => {
  const line = `${verdict.padEnd(7)}  ${check}: ${finding}`;
  return remedy === undefined ? line : `${line}\n         → ${remedy}`;
};
