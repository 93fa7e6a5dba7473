/** Where an agent's socket goes, at the lengths and links that systems have. */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shortTmp } from "../../../../scripts/support/paths.ts";
import { createEndpoint, longestSocketPath } from "../../../../src/ipc/endpoint/endpoint.ts";
import { runDirectoryOf } from "../../../../src/ipc/endpoint/endpointFile.ts";
import { needs } from "../../../support/needs.ts";

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(shortTmp, "places-"));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const addressFor = async (platform: NodeJS.Platform, home: string, short: string): Promise<string> => {
  const endpoint = await createEndpoint({
    ...{ home, platform, version: "0.1.0", shortDirectories: [short] },
    probe: () => Promise.resolve("dead"),
  });
  return endpoint.record.address.path;
};

/** A folder whose path has so many bytes. */
const folderOf = async (bytes: number): Promise<string> => {
  const folder = join(base, "f".repeat(bytes - Buffer.byteLength(base) - 1));
  await mkdir(folder, { recursive: true });
  return folder;
};

/** What an agent adds to the folder of its socket, and to a short one. */
const name = "/agent-0123456789abcdef.sock";
const own = "/lanyard-XXXXXX";

test("the limit is within what each system takes: 107 bytes on Linux, 103 on macOS", () => {
  expect(longestSocketPath).toBeLessThanOrEqual(103);
});

describe("the home that a person has holds the socket", () => {
  test.each([
    ["linux", "/home/ada.lovelace-of-acme/.lanyard"],
    ["darwin", "/Users/ada.lovelace-of-acme/.lanyard"],
  ])("%s", (_system, home) => {
    expect(Buffer.byteLength(join(runDirectoryOf(home), name))).toBeLessThanOrEqual(longestSocketPath);
  });

  test.each([
    ["as long as may be", 0, true],
    ["one byte too long", 1, false],
  ])("%s", needs("socketFiles"), async (_what, more, isInHome) => {
    const home = await folderOf(longestSocketPath - "/run".length - name.length + more);
    expect((await addressFor("darwin", home, base)).startsWith(home)).toBe(isInHome);
  });
});

describe("a short folder is taken", () => {
  const longest = longestSocketPath - own.length - name.length;

  test("of macOS' own temporary folders", () => {
    const folder = "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T";
    expect(Buffer.byteLength(folder)).toBeLessThanOrEqual(longest);
  });

  test.each([
    ["as long as may be", 0, true],
    ["one byte too long", 1, false],
  ])("%s", needs("socketFiles"), async (_what, more, isTaken) => {
    const home = await folderOf(120);
    const short = await folderOf(longest + more);
    const address = await addressFor("darwin", home, short).catch(() => "refused");
    expect(address === "refused" ? address : dirname(dirname(address))).toBe(isTaken ? short : "refused");
  });

  test("that is a link, as /tmp is on macOS", needs("socketFiles", "links"), async () => {
    const home = await folderOf(120);
    await mkdir(join(base, "private"));
    await symlink(join(base, "private"), join(base, "tmp"));
    expect(dirname(dirname(await addressFor("darwin", home, join(base, "tmp"))))).toBe(join(base, "tmp"));
  });
});

test("on Windows a pipe has no folder: no home is too long", async () => {
  const home = await folderOf(120);
  expect(await addressFor("win32", home, base)).toMatch(/^\\\\\.\\pipe\\lanyard-[0-9a-f]{32}$/);
});
