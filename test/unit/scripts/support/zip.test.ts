import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readZip, writeZip } from "../../../../scripts/support/zip.ts";
import { needs } from "../../../support/needs.ts";

const entries = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][\w/.äö ]{0,20}$/), fc.uint8Array({ maxLength: 500 })), {
    selector: ([name]) => name,
  })
  .map((all) => new Map(all.map(([name, bytes]) => [name, Buffer.from(bytes)] as const)));

test("what is written reads back", () => {
  fc.assert(
    fc.property(entries, (all) => {
      const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
      expect([...readZip(writeZip(all))]).toEqual(sorted);
    }),
  );
});

test("the bytes depend on names and contents alone, not on the order", () => {
  fc.assert(fc.property(entries, (all) => writeZip(new Map([...all].reverse())).equals(writeZip(all))));
});

test("a flipped bit is noticed", () => {
  const archive = writeZip(new Map([["a", Buffer.from("some text that is long enough to be a text")]]));
  archive.writeUInt8(archive.readUInt8(40) ^ 1, 40);
  expect(() => readZip(archive)).toThrow();
});

test("another program can read it", needs("unzip"), async () => {
  const folder = await mkdtemp(join(tmpdir(), "lanyard-zip-"));
  try {
    const archive = join(folder, "a.zip");
    await writeFile(archive, writeZip(new Map([["in/ö.txt", Buffer.from("text")]])));
    execFileSync("unzip", ["-q", archive, "-d", join(folder, "out")]);
    expect(await readdir(join(folder, "out/in"))).toHaveLength(1);
    const [name = ""] = await readdir(join(folder, "out/in"));
    expect(await readFile(join(folder, "out/in", name), "utf8")).toBe("text");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
