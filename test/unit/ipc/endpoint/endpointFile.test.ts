import * as fc from "fast-check";
import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import {
  formatEndpoint,
  parseEndpoint,
  readEndpoint,
  type EndpointRecord,
} from "../../../../src/ipc/endpoint/endpointFile.ts";
import { needs } from "../../../support/needs.ts";

const record = (over: Partial<EndpointRecord> = {}): EndpointRecord => ({
  address: { kind: "socket", path: "/home/alice/.lanyard/run/agent-0.sock" },
  key: new Secret("k".repeat(43)),
  pid: 4711,
  version: "0.1.0",
  ...over,
});

const plain = (from: EndpointRecord | undefined): object => ({ ...from, key: from?.key.reveal() });

describe("the endpoint file", () => {
  test("is what curl -K reads", () => {
    expect(formatEndpoint(record())).toBe(
      `# Where Lanyard answers. With curl: curl -q -K THIS-FILE http://lanyard/v1/agent
# protocol = 1
# pid = 4711
# version = "0.1.0"
unix-socket = "/home/alice/.lanyard/run/agent-0.sock"
noproxy = "*"
header = "Authorization: Bearer ${"k".repeat(43)}"
`,
    );
  });

  test("of a pipe has nothing for curl: it would take the key to whatever host the name leads to", () => {
    const text = formatEndpoint(record({ address: { kind: "pipe", path: "\\\\.\\pipe\\lanyard-0" } }));
    expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
    expect(parseEndpoint(text)?.address).toEqual({ kind: "pipe", path: "\\\\.\\pipe\\lanyard-0" });
  });

  test("comes back as it was, whatever the path", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1 }),
        fc.constantFrom("socket", "pipe"),
        (path, kind) => {
          const given = record({ address: { kind, path } });
          expect(plain(parseEndpoint(formatEndpoint(given)))).toEqual(plain(given));
        },
      ),
    );
  });

  test("that is not whole is not believed", () => {
    const text = formatEndpoint(record());
    for (let length = 0; length < text.length - 2; length += 1) {
      expect(parseEndpoint(text.slice(0, length))).toBeUndefined();
    }
    expect(parseEndpoint(text.replace("protocol = 1", "protocol = 2"))).toBeUndefined();
  });

  test("made of anything is read without harm", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseEndpoint(text)));
  });
});

describe("reading it", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lanyard-test-"));
    file = join(folder, "endpoint");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("yields the record of one that is this user's alone", async () => {
    await writeFile(file, formatEndpoint(record()), { mode: 0o600 });
    expect(await readEndpoint(file)).toMatchObject({ kind: "record", record: { pid: 4711 } });
  });

  test.each([0o640, 0o604, 0o620, 0o602, 0o666])("refuses mode %o", needs("modes"), async (mode) => {
    await writeFile(file, formatEndpoint(record()));
    await chmod(file, mode);
    expect(await readEndpoint(file)).toEqual({ kind: "unsafe", what: "openToOthers" });
  });

  test("refuses a link, even to a good one", needs("links"), async () => {
    await writeFile(join(folder, "good"), formatEndpoint(record()), { mode: 0o600 });
    await symlink(join(folder, "good"), file);
    expect(await readEndpoint(file)).toEqual({ kind: "unsafe", what: "link" });
  });

  test("refuses a folder", async () => {
    expect(await readEndpoint(folder)).toEqual({ kind: "unsafe", what: "notAFile" });
  });

  test("tells one that is not there from one that is not whole", async () => {
    expect(await readEndpoint(file)).toEqual({ kind: "absent" });
    await writeFile(file, "", { mode: 0o600 });
    expect(await readEndpoint(file)).toEqual({ kind: "garbled", text: "" });
  });
});
