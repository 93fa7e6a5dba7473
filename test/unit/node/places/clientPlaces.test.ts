import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readClientFile, readClientFiles } from "../../../../src/node/places/clientFiles.ts";
import {
  clientPlaces,
  clientSettings,
  managedSettings,
  projectFolders,
  type ClientSurroundings,
} from "../../../../src/node/places/clientPlaces.ts";
import { needs } from "../../../support/needs.ts";

let base: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "lanyard-test-")));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const around = (over: Partial<ClientSurroundings>): ClientSurroundings => ({
  ...{ folders: [], below: [], home: "/home/alice", env: {}, platform: "linux", ...over },
});

const files = (over: Partial<ClientSurroundings>): readonly string[] =>
  clientPlaces(around(over)).map(({ origin }) => origin.file);

/** Paths as this system writes them. */
const here = (...paths: readonly string[]): readonly string[] => paths.map((path) => join(path));

const repository = async (name: string): Promise<string> => {
  await mkdir(join(base, name, ".git"), { recursive: true });
  return join(base, name);
};

/** A working tree of `main` that lies elsewhere, as git lays it out. */
const worktree = async (main: string, name: string): Promise<string> => {
  const own = join(main, ".git/worktrees", name);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "commondir"), "../..\n");
  await mkdir(join(base, name));
  await writeFile(join(base, name, ".git"), `gitdir: ${own}\n`);
  return join(base, name);
};

describe("the places of a window", () => {
  it("are the folder's, those below, and those of every folder around it, each once", () => {
    expect(
      files({ folders: ["/work-x/app"], below: here("/work-x/app/x/.mcp.json", "/work-x/app/.mcp.json") }),
    ).toEqual([
      ...here("/work-x/app/.mcp.json", "/work-x/app/x/.mcp.json", "/work-x/.mcp.json", "/.mcp.json"),
      ...here("/home/alice/.claude/.config.json", "/home/alice/.claude.json"),
      ...here("/etc/claude-code/managed-mcp.json"),
    ]);
  });

  it.each([
    [{}, undefined, ["/home/alice/.claude.json"]],
    [{ CLAUDE_CONFIG_DIR: "" }, undefined, ["/home/alice/.claude.json"]],
    [{ CLAUDE_CONFIG_DIR: "/c" }, undefined, ["/c/.claude.json"]],
    [{}, "/c", ["/home/alice/.claude.json", "/c/.claude.json"]],
    [{ CLAUDE_CONFIG_DIR: "/c" }, "", ["/c/.claude.json", "/home/alice/.claude.json"]],
    [{ CLAUDE_CONFIG_DIR: "/c" }, "/c", ["/c/.claude.json"]],
    [{ CLAUDE_CONFIG_DIR: "/c/" }, undefined, ["/c/.claude.json"]],
    [{ CLAUDE_CONFIG_DIR: "c" }, undefined, []],
    [{ CLAUDE_CONFIG_DIR: "./c" }, "/d", ["/d/.claude.json"]],
    [{ CLAUDE_CONFIG_DIR: "~/c" }, undefined, []],
  ])("hold the person's file where %j and the terminal's %j say", (env, terminal, expected) => {
    const found = files({ env, ...(terminal === undefined ? {} : { terminalConfigDirectory: terminal }) });
    expect(found.filter((file) => file.endsWith(".claude.json"))).toEqual(here(...expected));
  });

  it(
    "hold a folder that was opened by a link under its own name, and around it what lies around the folder",
    needs("links"),
    async () => {
      await mkdir(join(base, "deep/real"), { recursive: true });
      await symlink(join(base, "deep/real"), join(base, "link"));
      const [own, parent] = clientPlaces(around({ folders: [join(base, "link")] }));
      expect(own?.origin).toMatchObject({ folder: join(base, "link"), realFolder: join(base, "deep/real") });
      expect(parent?.origin.folder).toBe(join(base, "deep"));
    },
  );

  it.each([
    ["darwin", {}, "/Library/Application Support/ClaudeCode/managed-mcp.json"],
    ["linux", {}, "/etc/claude-code/managed-mcp.json"],
    ["win32", { ProgramFiles: String.raw`D:\Programme` }, "D:/Programme/ClaudeCode/managed-mcp.json"],
    ["win32", {}, "C:/Program Files/ClaudeCode/managed-mcp.json"],
  ] as const)("hold the administrator's file on %s", (platform, env, file) => {
    expect(files({ platform, env }).at(-1)?.replaceAll("\\", "/")).toBe(file);
  });

  it("take those of the administrator's parts first, the last by name before the others", async () => {
    await mkdir(join(base, "managed-settings.d"));
    for (const name of ["20-b.json", "10-a.json", ".hidden.json", "notes.txt"])
      await writeFile(join(base, "managed-settings.d", name), "{}");
    expect(managedSettings(base).map((file) => basename(file))).toEqual([
      "20-b.json",
      "10-a.json",
      "managed-settings.json",
    ]);
  });

  it("take variables from the administrator's settings before the person's", () => {
    expect(clientSettings(around({}))).toEqual(
      here("/etc/claude-code/managed-settings.json", "/home/alice/.claude/settings.json"),
    );
  });
});

describe("the folders of a project's local entries", () => {
  it("are the main repository's own, from any folder of it", async () => {
    const main = await repository("main");
    await mkdir(join(main, "sub"));
    expect(projectFolders(main, [main])).toEqual([main]);
    expect(projectFolders(main, [join(main, "sub")])).toEqual([main]);
    expect(projectFolders(join(main, "sub"), [main])).toEqual([]);
  });

  it("are a worktree's too, which has none of its own", async () => {
    const main = await repository("main");
    const tree = await worktree(main, "tree");
    expect(projectFolders(main, [tree])).toEqual([tree]);
    expect(projectFolders(tree, [tree])).toEqual([]);
    expect(projectFolders(main, [main, tree])).toEqual([main, tree]);
  });

  it("are a worktree's of a repository that has no working tree of its own, by the repository's folder", async () => {
    const bare = join(base, "repo/.bare");
    const own = join(bare, "worktrees/tree");
    const tree = join(base, "repo/tree");
    await mkdir(own, { recursive: true });
    await writeFile(join(own, "commondir"), "../..\n");
    await mkdir(tree);
    await writeFile(join(base, "repo/.git"), "gitdir: ./.bare\n");
    await writeFile(join(tree, ".git"), `gitdir: ${own}\n`);
    expect(projectFolders(bare, [tree])).toEqual([tree]);
    expect(projectFolders(tree, [tree])).toEqual([]);
    expect(projectFolders(join(base, "repo"), [tree])).toEqual([]);
  });

  it("are none for a key that ends with a slash: the client looks for none such", async () => {
    const main = await repository("main");
    expect(projectFolders(`${main}/`, [main])).toEqual([]);
  });

  it("are the folder alone where there is no repository, and those below it", async () => {
    const inner = join(base, "plain/inner");
    await mkdir(inner, { recursive: true });
    expect(projectFolders(join(base, "plain"), [join(base, "plain")])).toEqual([join(base, "plain")]);
    expect(projectFolders(join(base, "plain"), [inner])).toEqual([]);
    expect(projectFolders(inner, [join(base, "plain")])).toEqual([inner]);
  });

  it("are none for a project that is not open", async () => {
    expect(projectFolders(await repository("other"), [await repository("main")])).toEqual([]);
  });
});

describe("a file that is read", () => {
  const text = '{ "mcpServers": { "a": { "userAuth": {} } } }';
  const read = async (bytes: Buffer | string): Promise<unknown> => {
    const file = join(base, ".mcp.json");
    await writeFile(file, bytes);
    return readClientFile({ origin: { kind: "workspace", file, folder: base }, isOwn: true });
  };
  const big = (): Buffer => Buffer.from(`\ufeff${text}`, "utf16le").swap16();

  it.each([
    ["UTF-8", text, "text"],
    ["UTF-16 with its mark", Buffer.from(`\ufeff${text}`, "utf16le"), "utf16"],
    ["UTF-16 without", Buffer.from(text, "utf16le"), "utf16"],
    ["UTF-16, big end first", big(), "utf16"],
    ["UTF-16 that is none of our business", Buffer.from("{}", "utf16le"), "absent"],
  ])("in %s", async (_name, bytes, kind) => {
    expect(await read(bytes)).toMatchObject({ kind });
  });

  it(
    "is a file of some size: what a link may lead to beside that is not read",
    needs("signals", "links"),
    async () => {
      const file = join(base, ".mcp.json");
      const said = async (isOwn: boolean): Promise<unknown> =>
        readClientFile({ origin: { kind: "workspace", file, folder: base }, isOwn });
      const make: readonly (readonly [string, () => Promise<unknown>])[] = [
        ["not a file", () => symlink("/dev/zero", file)],
        ["not a file", () => promisify(execFile)("mkfifo", [file])],
        ["ELOOP", () => symlink(file, file)],
        ["EFBIG", () => writeFile(file, "").then(() => truncate(file, 65 * 1024 * 1024))],
      ];
      for (const [reason, made] of make) {
        await rm(file, { force: true });
        await made();
        expect(await said(true)).toMatchObject({ kind: "unreadable", reason });
        expect(await said(false)).toMatchObject({ kind: "absent" });
      }
    },
  );

  it.each([
    ["is there", (older: string) => writeFile(older, "{}"), false],
    ["has nothing in it", (older: string) => writeFile(older, ""), true],
    ["is a folder", (older: string) => mkdir(older), true],
    ["is not there", () => Promise.resolve(), true],
  ])("counts where the older one %s: %s", async (_what, make, counts) => {
    const [older, file] = [join(base, ".config.json"), join(base, ".claude.json")];
    await make(older);
    await writeFile(file, text);
    const own = { isOwn: true } as const;
    const { texts } = await readClientFiles(
      [
        { ...own, origin: { kind: "user", file: older } },
        { ...own, origin: { kind: "user", file }, unless: older },
      ],
      [],
    );
    expect(texts.some(({ origin }) => origin.file === file)).toBe(counts);
  });

  it("is not missed where it belongs to nobody here, and cannot be read", async () => {
    const origin = { kind: "workspace", file: base, folder: base } as const;
    expect(await readClientFile({ origin, isOwn: false })).toMatchObject({ kind: "absent" });
    expect(await readClientFile({ origin, isOwn: true })).toMatchObject({ kind: "unreadable" });
  });
});
