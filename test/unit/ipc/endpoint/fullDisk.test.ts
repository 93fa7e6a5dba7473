import type * as fs from "node:fs/promises";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEndpoint, type Endpoint, type Life } from "../../../../src/ipc/endpoint/endpoint.ts";
import { endpointFileOf, readEndpoint, runDirectoryOf } from "../../../../src/ipc/endpoint/endpointFile.ts";

const disk = vi.hoisted(() => ({ isFull: false, hasFiles: true }));

/** The real file system; while its disk is full, files are made and nothing can be written into them, or none is made. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  const open: typeof real.open = async (...given) => {
    const full = Object.assign(new Error("full"), { code: "ENOSPC" });
    if (!disk.hasFiles && given[1] === "wx") throw full;
    const handle = await real.open(...given);
    if (disk.isFull) handle.writeFile = () => Promise.reject(full);
    return handle;
  };
  return { ...real, open };
});

let base: string;
let home: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  home = join(base, "home");
});
afterEach(async () => {
  disk.isFull = false;
  disk.hasFiles = true;
  await rm(base, { recursive: true, force: true });
});

const create = (life: Life | (() => Life)): Promise<Endpoint> =>
  createEndpoint({
    ...{ home, version: "0.1.0", isSocketElsewhere: false, platform: "win32" },
    probe: () => Promise.resolve(typeof life === "string" ? life : life()),
  });

const isDraft: unknown = expect.stringMatching(/^endpoint\.[0-9a-f]{16}$/);

test("a window finds the agent that answers, though it could not take its place", async () => {
  const [leader, other] = [await create("live"), await create("live")];
  await leader.publish();
  disk.isFull = true;
  expect(await other.publish()).toMatchObject({ kind: "taken", record: { address: leader.record.address } });
});

test("a claim that cannot be written fails as that, leaves nothing behind, and holds once there is room", async () => {
  const [gone, heir] = [await create("dead"), await create("dead")];
  await gone.publish();
  disk.isFull = true;
  await expect(heir.publish()).rejects.toMatchObject({ code: "ENOSPC" });
  expect((await readdir(runDirectoryOf(home))).sort()).toEqual(["endpoint", isDraft]);
  disk.isFull = false;
  expect(await heir.publish()).toEqual({ kind: "free" });
  const reading = await readEndpoint(endpointFileOf(home));
  expect(reading).toMatchObject({ kind: "record", record: { address: heir.record.address } });
});

test.each([
  ["has no room", { isFull: true }],
  ["takes no more files", { isFull: true, hasFiles: false }],
])("one who was there in time takes the place of a leader that died, though the disk %s", async (_, full) => {
  let life: Life = "live";
  const [leader, heir] = [await create("live"), await create(() => life)];
  await leader.publish();
  expect(await heir.publish()).toMatchObject({ kind: "taken" });
  Object.assign(disk, full);
  life = "dead";
  expect(await heir.publish()).toEqual({ kind: "free" });
  expect(await heir.isPublished()).toBe(true);
  await heir.release();
  expect(await heir.publish()).toEqual({ kind: "free" });
  await Promise.all([leader, heir].map((each) => each.release()));
  await Promise.all([leader, heir].map((each) => each.clear()));
  expect(await readdir(runDirectoryOf(home))).toEqual([]);
});

test("drafts of killed agents are swept up, those of others are not touched", async () => {
  const leader = await createEndpoint({
    ...{ home, version: "0.1.0", platform: "win32" },
    probe: ({ address }) => Promise.resolve(address.path === living.record.address.path ? "retired" : "dead"),
  });
  const [killed, living, young] = [await create("dead"), await create("dead"), await create("dead")];
  const folder = runDirectoryOf(home);
  const old = new Date(Date.now() - 3_600_000);
  /** Takes the place, and leaves it with its draft behind. */
  const leaves = async (endpoint: Endpoint): Promise<string> => {
    const before = new Set(await readdir(folder));
    await endpoint.publish();
    await endpoint.release();
    return (await readdir(folder)).find((name) => !before.has(name)) ?? "";
  };
  const drafts = [await leaves(killed), await leaves(living), await leaves(young)];
  const broken = "endpoint.0123456789abcdef";
  await writeFile(join(folder, broken), "", { mode: 0o600 });
  await leader.publish();
  const present = await readdir(folder);
  for (const name of present.filter((each) => each !== drafts[2])) await utimes(join(folder, name), old, old);
  await leader.sweep();
  const left = await readdir(folder);
  expect(present.filter((name) => !left.includes(name)).sort()).toEqual([broken, drafts[0]].sort());
  expect(await leader.isPublished()).toBe(true);
});
