import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { folderKey, isWithin } from "../../../src/core/folders.ts";

describe("one spelling for a folder", () => {
  it.each([
    ["/work/acme/", "/work/acme"],
    ["/", "/"],
    ["c:\\Work\\Acme", "c:/work/acme"],
    ["C:/Work/Acme/", "c:/work/acme"],
    ["\\\\server\\Share\\x", "//server/share/x"],
    ["/Work/Acme", "/Work/Acme"],
    ["/work/a\\b", "/work/a\\b"],
  ])("%s is %s", (path, key) => {
    expect(folderKey(path)).toBe(key);
  });
});

describe("a path within a folder", () => {
  it.each([
    ["/work/acme", "/work/acme"],
    ["/work/acme/src", "/work/acme"],
    ["/work/acme", "/"],
    ["C:\\Work\\acme\\src", "c:\\work\\Acme"],
    ["c:/work/acme/src", "C:\\work\\acme\\"],
    ["\\\\server\\share\\x", "\\\\SERVER\\share"],
  ])("%s is within %s", (path, folder) => {
    expect(isWithin(path, folder)).toBe(true);
  });

  it.each([
    ["/work/acme-old", "/work/acme"],
    ["/work", "/work/acme"],
    ["/WORK/acme", "/work/acme"],
    ["d:\\work\\acme", "c:\\work\\acme"],
  ])("%s is not within %s", (path, folder) => {
    expect(isWithin(path, folder)).toBe(false);
  });

  it("is one step below for every name", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/^[/\\]|\/$/.test(text));
    fc.assert(
      fc.property(name, name, (folder, below) => {
        expect(isWithin(`/${folder}/${below}`, `/${folder}`)).toBe(true);
        expect(isWithin(`/${folder}${below}`, `/${folder}`)).toBe(false);
      }),
    );
  });
});
