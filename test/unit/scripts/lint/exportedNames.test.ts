import { expect, test } from "vitest";
import { doubleNames, exportedNames, productFiles } from "../../../../scripts/lint/exportedNames.ts";

test("each exported name of the product, the demo and the tools has one meaning", () => {
  expect(productFiles().size).toBeGreaterThan(300);
  expect(Object.fromEntries(doubleNames(productFiles()))).toEqual({});
});

test("every way to export a name of one's own is seen", () => {
  const text = `
    export const a = 1, b = 2;
    export function c() {}
    export class D {}
    export interface E {}
    export type F = 1;
    const g = 1;
    export { g };
    export { other } from "./other.ts";
    const hidden = 1;
  `;
  expect(exportedNames(text)).toEqual(["a", "b", "c", "D", "E", "F", "g"]);
});

test("a name that two files give a meaning is named with both", () => {
  const files = new Map([
    ["one.ts", "export type Finding = 1; export const Finding = 1;"],
    ["two.ts", "export interface Finding {}"],
    ["three.ts", 'export { Finding } from "./one.ts";'],
  ]);
  expect(Object.fromEntries(doubleNames(files))).toEqual({ Finding: ["one.ts", "two.ts"] });
});
