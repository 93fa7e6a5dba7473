import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { shortTmp } from "../../../../scripts/support/paths.ts";
import { english } from "../../../../src/core/text.ts";
import { refusedByPlace } from "../../../../src/ipc/api/refusals.ts";
import { connectorNamed } from "../../../support/connectors.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(shortTmp, "place-"));
  for (const folder of ["acme/src", "elsewhere"]) await mkdir(join(root, folder), { recursive: true });
  await symlink(join(root, "elsewhere"), join(root, "acme/out"));
  await symlink(join(root, "acme"), join(root, "linked"));
});
afterEach(() => rm(root, { recursive: true }));

const refused = (cwd: string): Promise<unknown> => {
  const folder = join(root, "acme");
  const origin = { kind: "workspace", folder, file: join(folder, ".mcp.json") } as const;
  const entry = { connector: connectorNamed("github", { origin }), status: { kind: "unchecked" } } as const;
  return refusedByPlace(entry, cwd === "" ? "" : join(root, cwd), english);
};

test.each(["acme", "acme/src", "linked", "linked/src", "acme/not-there"])(
  "%s is within the folder",
  async (cwd) => {
    expect(await refused(cwd)).toBeUndefined();
  },
);

test.each(["elsewhere", "acme/out", "linked/out", "acme/../elsewhere", ""])(
  "%s is not, whatever its name says: nothing is asked for",
  async (cwd) => {
    expect(await refused(cwd)).toMatchObject({
      kind: "unapproved",
      sentence: { reason: expect.stringContaining("and not for this one") as string },
    });
  },
);
