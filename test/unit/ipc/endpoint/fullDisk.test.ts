import type * as fs from "node:fs/promises";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEndpoint, type Endpoint, type Life } from "../../../../src/ipc/endpoint/endpoint.ts";
import { endpointFileOf, readEndpoint, runDirectoryOf } from "../../../../src/ipc/endpoint/endpointFile.ts";

const disk = vi.hoisted(() => ({ isFull: false }));

/** The real file system; while its disk is full, files are made and nothing can be written into them. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  const open: typeof real.open = async (...given) => {
    const handle = await real.open(...given);
    if (disk.isFull)
      handle.writeFile = () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
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
  await rm(base, { recursive: true, force: true });
});

const create = (life: Life): Promise<Endpoint> =>
  createEndpoint({
    ...{ home, version: "0.1.0", isSocketElsewhere: false, platform: "win32" },
    probe: () => Promise.resolve(life),
  });

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
  expect(await readdir(runDirectoryOf(home))).toEqual(["endpoint"]);
  disk.isFull = false;
  expect(await heir.publish()).toEqual({ kind: "free" });
  const reading = await readEndpoint(endpointFileOf(home));
  expect(reading).toMatchObject({ kind: "record", record: { address: heir.record.address } });
});
