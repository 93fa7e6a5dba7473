import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inFolder, isWithin, pathKey, samePath } from "../../../src/core/paths.ts";

describe("one spelling for a path", () => {
  it.each([
    ["/work/acme/", "/work/acme"],
    ["/", "/"],
    ["c:\\Work\\Acme", "c:/work/acme"],
    ["C:/Work/Acme/", "c:/work/acme"],
    ["\\\\server\\Share\\x", "//server/share/x"],
    ["/Work/Acme", "/Work/Acme"],
    ["/work/a\\b", "/work/a\\b"],
    ["/work/./acme//src/../lib", "/work/acme/lib"],
    ["/..", "/"],
    ["C:\\work\\..\\..\\x", "c:/x"],
    ["../x", "../x"],
    ["a/../../x", "../x"],
    ["C:\\", "c:"],
    ["C:\\WORK\\MÜLLER", "c:/work/müller"],
    ["\\\\?\\C:\\work", "//?/c:/work"],
    ["/Volumes/Work/./acme//", "/Volumes/Work/acme"],
  ])("%s is %s", (path, key) => {
    expect(pathKey(path)).toBe(key);
  });
});

describe("two spellings of one place", () => {
  it.each([
    ["C:\\Work\\Acme", "c:\\work\\acme"],
    ["C:\\Work\\Acme\\.mcp.json", "c:/Work/Acme/.mcp.json"],
    ["c:/", "C:\\"],
    ["C:", "c:\\"],
    ["\\\\Server\\share\\x", "\\\\server\\Share\\x\\"],
    ["/work/acme", "/work/acme/"],
    ["/work/acme", "/work/./acme/src/.."],
  ])("%s is %s", (a, b) => {
    expect(samePath(a, b)).toBe(true);
    expect(samePath(b, a)).toBe(true);
  });

  it.each([
    ["C:\\work", "D:\\work"],
    ["C:\\work", "\\\\c\\work"],
    ["/work", "/Work"],
    // Disks of macOS know no case, and /tmp is a link there: both are the disk's to say (realpath), not a spelling's.
    ["/Users/ada/Work", "/Users/ada/work"],
    ["/tmp/acme", "/private/tmp/acme"],
    // Nor is a composed letter the same name as a decomposed one on every disk.
    ["/work/M\u00fcller", "/work/Mu\u0308ller"],
    // A device's path is looked at by nobody here: it is no drive's.
    ["\\\\?\\C:\\work", "C:\\work"],
    ["\\\\server\\share", "\\\\server\\other"],
    ["/c:/work", "c:/work"],
    ["work", "/work"],
    ["/work/a\\b", "/work/a/b"],
  ])("%s is not %s", (a, b) => {
    expect(samePath(a, b)).toBe(false);
    expect(samePath(b, a)).toBe(false);
  });
});

describe("a path within a folder", () => {
  it.each([
    ["/work/acme", "/work/acme"],
    ["/work/acme/src", "/work/acme"],
    ["/work/acme", "/"],
    ["C:\\Work\\acme\\src", "c:\\work\\Acme"],
    ["c:/work/acme/src", "C:\\work\\acme\\"],
    ["c:\\work", "C:\\"],
    ["\\\\server\\share\\x", "\\\\SERVER\\share"],
    ["/work/acme/../acme/src", "/work/acme"],
  ])("%s is within %s", (path, folder) => {
    expect(isWithin(path, folder)).toBe(true);
  });

  it.each([
    ["/work/acme-old", "/work/acme"],
    ["/work", "/work/acme"],
    ["/WORK/acme", "/work/acme"],
    ["d:\\work\\acme", "c:\\work\\acme"],
    ["\\work\\acme", "c:\\work\\acme"],
    ["c:work\\acme", "c:\\"],
    ["/Users/ada/work/x", "/Users/ada/Work"],
    ["\\\\server\\share2\\x", "\\\\server\\share"],
    ["C:\\Users\\Public", "C:\\Users\\Pub"],
    ["/work/acme/../other", "/work/acme"],
    ["C:\\work\\acme\\..\\other", "c:\\work\\acme"],
    ["../acme", "/work/acme"],
    ["work", "/"],
    ["", "/"],
    ["", "/work"],
  ])("%s is not within %s", (path, folder) => {
    expect(isWithin(path, folder)).toBe(false);
  });

  it("is one step below for every name", () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => !/^[/\\]|\/$|(?:^|\/)\.{0,2}(?:\/|$)/.test(text));
    fc.assert(
      fc.property(name, name, (folder, below) => {
        expect(isWithin(`/${folder}/${below}`, `/${folder}`)).toBe(true);
        expect(isWithin(`/${folder}${below}`, `/${folder}`)).toBe(false);
      }),
    );
  });
});

describe("a path as somebody in the folder means it", () => {
  it.each([
    ["posix", "/work", "a.sh", "/work/a.sh"],
    ["posix", "/work", "/etc/a.sh", "/etc/a.sh"],
    ["posix", "/work", "C:/a.sh", "/work/C:/a.sh"],
    ["windows", "c:\\work", "a.cmd", "c:\\work/a.cmd"],
    ["windows", "c:\\work", "\\a.cmd", "\\a.cmd"],
    ["windows", "c:\\work", "D:\\a.cmd", "D:\\a.cmd"],
    ["windows", "c:\\work", "c:a.cmd", "c:a.cmd"],
    ["windows", "c:\\work", "/a.cmd", "/a.cmd"],
    ["windows", "\\\\server\\share", "a.cmd", "\\\\server\\share/a.cmd"],
    ["windows", "c:\\work", "\\\\server\\share\\a.cmd", "\\\\server\\share\\a.cmd"],
    ["posix", "/work", "\\a.sh", "/work/\\a.sh"],
  ] as const)("%s: in %s, %s is %s", (style, folder, path, whole) => {
    expect(inFolder(folder, path, style)).toBe(whole);
  });
});
