import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shortTmp } from "../../../../scripts/support/paths.ts";
import { english } from "../../../../src/core/text.ts";
import { refusedByPlace } from "../../../../src/ipc/api/refusals.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { needs } from "../../../support/needs.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(shortTmp, "place-"));
  for (const folder of ["acme/src", "elsewhere"]) await mkdir(join(root, folder), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const refused = (cwd: string): Promise<unknown> => {
  const folder = join(root, "acme");
  const origin = { kind: "workspace", folder, file: join(folder, ".mcp.json") } as const;
  const entry = { connector: connectorNamed("github", { origin }), status: { kind: "unchecked" } } as const;
  return refusedByPlace(entry, cwd === "" ? "" : join(root, cwd), english);
};

const outside: object = {
  kind: "unapproved",
  sentence: { reason: expect.stringContaining("and not for this one") as string },
};

test.each(["acme", "acme/src", "acme/not-there"])("%s is within the folder", async (cwd) => {
  expect(await refused(cwd)).toBeUndefined();
});

test.each(["elsewhere", "acme/../elsewhere", ""])(
  "%s is not, whatever its name says: nothing is asked for",
  async (cwd) => {
    expect(await refused(cwd)).toMatchObject(outside);
  },
);

test("a disk that knows no case has one folder, however it is written", needs("caselessDisk"), async () => {
  expect(await refused("ACME/SRC")).toBeUndefined();
});

describe("by a link", needs("links"), () => {
  beforeEach(async () => {
    await symlink(join(root, "elsewhere"), join(root, "acme/out"));
    await symlink(join(root, "acme"), join(root, "linked"));
  });

  test.each(["linked", "linked/src"])("%s is within the folder", async (cwd) => {
    expect(await refused(cwd)).toBeUndefined();
  });

  test.each(["acme/out", "linked/out"])("%s is not", async (cwd) => {
    expect(await refused(cwd)).toMatchObject(outside);
  });
});
