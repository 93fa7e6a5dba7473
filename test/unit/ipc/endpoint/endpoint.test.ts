import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createEndpoint,
  longestSocketPath,
  type Endpoint,
  type Life,
} from "../../../../src/ipc/endpoint/endpoint.ts";
import { isSharedFolder, ownRunDirectory } from "../../../../src/ipc/endpoint/machine.ts";
import {
  endpointFileOf,
  readEndpoint,
  runDirectoryOf,
  type EndpointRecord,
} from "../../../../src/ipc/endpoint/endpointFile.ts";
import { needs } from "../../../support/needs.ts";

let base: string;
let home: string;
const servers: Server[] = [];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  home = join(base, "home");
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(base, { recursive: true, force: true });
});

/** What a probe finds: agents by the path of their socket; all others are dead. */
const lives = new Map<string, Life>();
const probe = ({ address }: EndpointRecord): Promise<Life> =>
  Promise.resolve(lives.get(address.path) ?? "dead");

const create = (
  over: Partial<Parameters<typeof createEndpoint>[0]> = {},
): ReturnType<typeof createEndpoint> => createEndpoint({ home, version: "0.1.0", probe, ...over });

describe("a home that several machines share", () => {
  const isShared = (): Promise<boolean> => Promise.resolve(true);
  const theirs = "run-00000000-0000-4000-8000-000000000000";

  test(
    "has a folder of this machine's own: what another's agent leaves is neither taken nor deleted",
    needs("machineIds"),
    async () => {
      const other = await create();
      const socket = join(home, theirs, "agent-0123456789abcdef.sock");
      for (const folder of [theirs, "run"]) await mkdir(join(home, folder), { recursive: true, mode: 0o700 });
      await writeFile(socket, "");
      await utimes(socket, new Date(0), new Date(0));
      for (const folder of [theirs, "run"])
        await writeFile(join(home, folder, "endpoint"), `of ${folder}`, { mode: 0o600 });
      const own = await create({ isShared });
      await listen(own);
      expect(await own.publish()).toEqual({ kind: "free" });
      await own.sweep();
      expect(dirname(own.record.address.path)).not.toContain(home);
      expect(await readEndpoint(endpointFileOf(home))).toMatchObject({ kind: "record" });
      await own.release();
      expect(await readFile(join(home, "run/endpoint"), "utf8")).toBe("of run");
      expect(await readFile(join(home, theirs, "endpoint"), "utf8")).toBe(`of ${theirs}`);
      expect(await lstat(socket)).toBeDefined();
      expect(other.record.address.path).toContain(home);
      await own.clear();
    },
  );

  test("a folder of this machine's disk is none", async () => {
    expect(await isSharedFolder(base)).toBe(false);
    expect(ownRunDirectory("/home/alice/.lanyard", "boot")).toMatch(/run-boot$/);
  });
});

const listen = async ({ record }: Endpoint): Promise<Server> => {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(record.address.path, resolve));
  return server;
};

const published = async (): Promise<Endpoint> => {
  const endpoint = await create();
  await listen(endpoint);
  expect(await endpoint.publish()).toEqual({ kind: "free" });
  return endpoint;
};

const draft = /^endpoint\.[0-9a-f]{16}$/;

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const readPath = async (): Promise<string | undefined> => {
  const reading = await readEndpoint(endpointFileOf(home));
  return reading.kind === "record" ? reading.record.address.path : undefined;
};

describe("a place of its own", () => {
  test("is this user's alone: folder, socket and file", needs("modes"), async () => {
    const { record } = await published();
    expect(await modeOf(home)).toBe(0o700);
    expect(await modeOf(runDirectoryOf(home))).toBe(0o700);
    expect(await modeOf(record.address.path)).toBe(0o600);
    expect(await modeOf(endpointFileOf(home))).toBe(0o600);
    const names = (await readdir(runDirectoryOf(home))).sort();
    expect(names).toEqual([
      expect.stringMatching(/^agent-/),
      "endpoint",
      expect.stringMatching(/^endpoint\.[0-9a-f]{16}$/),
    ]);
    expect(await modeOf(join(runDirectoryOf(home), names[2] ?? ""))).toBe(0o600);
  });

  test("has another name and another key each time", async () => {
    const [one, other] = [await create(), await create()];
    expect(one.record.address.path).not.toBe(other.record.address.path);
    expect(one.record.key.reveal()).not.toBe(other.record.key.reveal());
    expect(Buffer.from(one.record.key.reveal(), "base64url")).toHaveLength(32);
  });

  test("is found only once it is published", async () => {
    const endpoint = await create();
    expect(await readPath()).toBeUndefined();
    await listen(endpoint);
    await endpoint.publish();
    expect(await readPath()).toBe(endpoint.record.address.path);
    expect(await endpoint.isPublished()).toBe(true);
  });

  test("on Windows is a pipe with a random name", async () => {
    const { record } = await create({ platform: "win32" });
    expect(record.address).toMatchObject({
      kind: "pipe",
      path: expect.stringMatching(/^\\\\\.\\pipe\\lanyard-[0-9a-f]{32}$/) as string,
    });
  });
});

describe("a home whose path is long", () => {
  test("has its socket in a private folder elsewhere, which goes with it", needs("socketFiles"), async () => {
    home = join(base, "h".repeat(90));
    const elsewhere = join(base, "s");
    await mkdir(elsewhere);
    const endpoint = await create({ shortDirectories: [elsewhere] });
    const { path } = endpoint.record.address;
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(longestSocketPath);
    expect(await modeOf(dirname(path))).toBe(0o700);
    expect(await realpath(dirname(dirname(path)))).toBe(await realpath(elsewhere));
    const server = await listen(endpoint);
    await endpoint.publish();
    expect(await readPath()).toBe(path);
    await endpoint.release();
    await new Promise((resolve) => server.close(resolve));
    servers.splice(0);
    await endpoint.clear();
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test("counts bytes, not characters", async () => {
    home = join(base, "世".repeat(20));
    const endpoint = await create({ shortDirectories: [base], platform: "linux" });
    expect(dirname(dirname(endpoint.record.address.path))).toBe(base);
  });

  test("is refused when there is no shorter place", async () => {
    home = join(base, "h".repeat(90));
    await expect(create({ shortDirectories: [home], platform: "linux" })).rejects.toMatchObject({
      code: "endpointUnsafe",
    });
  });
});

describe("a place that others can reach is refused, and left as it is", () => {
  const refused = { code: "endpointUnsafe" };

  test.each([0o750, 0o705, 0o777])("the folder has mode %o", needs("modes"), async (mode) => {
    await mkdir(runDirectoryOf(home), { recursive: true, mode: 0o700 });
    await chmod(runDirectoryOf(home), mode);
    await expect(create()).rejects.toMatchObject(refused);
    expect(await modeOf(runDirectoryOf(home))).toBe(mode);
  });

  test.each([0o770, 0o707])("others can write in the home: mode %o", needs("modes"), async (mode) => {
    await mkdir(home);
    await chmod(home, mode);
    await expect(create()).rejects.toMatchObject(refused);
  });

  test("the folder is a link", needs("links"), async () => {
    await mkdir(join(base, "elsewhere"), { mode: 0o700 });
    await mkdir(home, { mode: 0o700 });
    await symlink(join(base, "elsewhere"), runDirectoryOf(home));
    await expect(create()).rejects.toMatchObject(refused);
  });

  test("the endpoint file is a link, or open", needs("links", "modes"), async () => {
    await mkdir(runDirectoryOf(home), { recursive: true, mode: 0o700 });
    const endpoint = await create();
    await listen(endpoint);
    await symlink(join(base, "elsewhere"), endpointFileOf(home));
    await expect(endpoint.publish()).rejects.toMatchObject(refused);
    await rm(endpointFileOf(home));
    await writeFile(endpointFileOf(home), "", { mode: 0o644 });
    await expect(endpoint.publish()).rejects.toMatchObject(refused);
  });

  test("it belongs to somebody else", needs("root"), async () => {
    const { chown } = await import("node:fs/promises");
    await mkdir(runDirectoryOf(home), { recursive: true, mode: 0o700 });
    await chown(runDirectoryOf(home), 65_534, 65_534);
    await expect(create()).rejects.toMatchObject(refused);
    await chown(runDirectoryOf(home), 0, 0);
    await chown(home, 65_534, 65_534);
    await expect(create()).rejects.toMatchObject(refused);
  });
});

describe("several agents", () => {
  test("one that answers is never displaced", async () => {
    const first = await published();
    lives.set(first.record.address.path, "live");
    const second = await create();
    await listen(second);
    expect(await second.publish()).toMatchObject({
      kind: "taken",
      record: { address: first.record.address },
    });
    expect(await first.isPublished()).toBe(true);
  });

  test("of two that start at once one is found, and the other hears of it", async () => {
    const both = await Promise.all([create(), create(), create(), create()]);
    await Promise.all(both.map(listen));
    for (const { record } of both) lives.set(record.address.path, "live");
    const claims = await Promise.all(both.map((endpoint) => endpoint.publish()));
    expect(claims.map(({ kind }) => kind).sort()).toEqual(["free", "taken", "taken", "taken"]);
    const winner = both[claims.findIndex(({ kind }) => kind === "free")];
    expect(await readPath()).toBe(winner?.record.address.path);
  });

  test("of several that find a dead one's file one replaces it, and no live file is lost", async () => {
    await published();
    const rivals = await Promise.all(Array.from({ length: 8 }, () => create()));
    await Promise.all(rivals.map(listen));
    for (const { record } of rivals) lives.set(record.address.path, "live");
    const claims = await Promise.all(rivals.map((endpoint) => endpoint.publish()));
    expect(claims.filter(({ kind }) => kind === "free")).toHaveLength(1);
    const winner = rivals[claims.findIndex(({ kind }) => kind === "free")];
    expect(await readPath()).toBe(winner?.record.address.path);
    await Promise.all(rivals.filter((each) => each !== winner).map((each) => each.clear()));
    const left = (await readdir(runDirectoryOf(home))).filter((name) => name.startsWith("endpoint"));
    expect(left.sort()).toEqual(["endpoint", expect.stringMatching(draft), expect.stringMatching(draft)]);
  });

  test(
    "one that holds its socket but is silent is replaced, and keeps its socket",
    needs("socketFiles"),
    async () => {
      const hung = await published();
      lives.set(hung.record.address.path, "silent");
      await published();
      expect(await hung.isPublished()).toBe(false);
      expect((await lstat(hung.record.address.path)).isSocket()).toBe(true);
    },
  );

  test("one that goes late does not take its successor's place with it", async () => {
    const late = await published();
    lives.set(late.record.address.path, "silent");
    const successor = await published();
    await late.release();
    expect(await successor.isPublished()).toBe(true);
  });

  test("a file that is not whole is replaced", async () => {
    await mkdir(runDirectoryOf(home), { recursive: true, mode: 0o700 });
    await writeFile(endpointFileOf(home), "unix-sock", { mode: 0o600 });
    const endpoint = await published();
    expect(await readPath()).toBe(endpoint.record.address.path);
  });

  test("sockets of killed agents are swept up, those of others are not touched", async () => {
    await mkdir(runDirectoryOf(home), { recursive: true, mode: 0o700 });
    const old = new Date(Date.now() - 3_600_000);
    const [dead, live, young, foreign] = ["0", "1", "2", "x"].map((digit) =>
      join(runDirectoryOf(home), `agent-${digit.repeat(16)}.sock`),
    ) as [string, string, string, string];
    for (const path of [dead, live, young, foreign]) await writeFile(path, "");
    for (const path of [dead, live, foreign]) await utimes(path, old, old);
    lives.set(live, "live");
    await (await published()).sweep();
    const names = await readdir(runDirectoryOf(home));
    expect([dead, live, young, foreign].map((path) => names.some((name) => path.endsWith(name)))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  test("when it goes nothing is left", async () => {
    const endpoint = await published();
    await endpoint.release();
    expect(await readFile(endpointFileOf(home), "utf8").catch(() => "gone")).toBe("gone");
    await endpoint.release();
    await endpoint.clear();
    const names = await readdir(runDirectoryOf(home));
    expect(names.filter((name) => name.startsWith("endpoint"))).toEqual([]);
  });
});
