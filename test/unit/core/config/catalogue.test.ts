import { beforeEach, describe, expect, it } from "vitest";
import { Catalogues } from "../../../../src/core/config/catalogue.ts";
import type { EntryOrigin } from "../../../../src/core/config/connector.ts";
import { parseFile, unreadableFile } from "../../../../src/core/config/parse.ts";
import { github, read, user } from "./support.ts";

const folder = (path: string): EntryOrigin => ({
  kind: "workspace",
  file: `${path}/.mcp.json`,
  folder: path,
});
const servers = (...names: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(names.map((name) => [name, github]));

const acme = folder("/work/acme");
const broken = { ...github, userAuth: {} };

let catalogues: Catalogues;
beforeEach(() => {
  catalogues = new Catalogues();
});

/** Takes a file's value in. */
const load = (origin: EntryOrigin, content: unknown): void => catalogues.update(read(content, { origin }));

const syntaxError = (origin: EntryOrigin): void =>
  catalogues.update(parseFile({ text: '{ "mcpServers": {', origin, env: () => undefined }));

/** Each connector as `name from scope`. */
const listed = (...folders: readonly string[]): readonly string[] =>
  catalogues
    .catalogue(folders)
    .connectors.map(
      ({ name, origin }) => `${name} from ${origin.kind}${origin.folder ? ` ${origin.folder}` : ""}`,
    );

describe("the nearest entry of a name", () => {
  it("is the user's for this folder, then the folder's own, then the user's for all", () => {
    load(user, {
      mcpServers: servers("a", "b", "c"),
      projects: { "/work/acme": { mcpServers: servers("a") } },
    });
    load(acme, { mcpServers: servers("a", "b") });
    expect(listed("/work/acme")).toEqual([
      "c from user",
      "a from user /work/acme",
      "b from workspace /work/acme",
    ]);
  });

  it("hides others even when it is broken, or not ours", () => {
    load(user, { projects: { "/work/acme": { mcpServers: { a: { command: "npx" }, b: broken } } } });
    load(acme, { mcpServers: servers("a", "b", "c") });
    expect(listed("/work/acme")).toEqual(["c from workspace /work/acme"]);
    expect(catalogues.catalogue(["/work/acme"]).broken.map(({ name }) => name)).toEqual(["b"]);
  });

  it("is another one in another folder", () => {
    load(acme, { mcpServers: servers("a") });
    load(folder("/work/beta"), { mcpServers: servers("a") });
    expect(listed("/work/acme", "/work/beta")).toEqual([
      "a from workspace /work/acme",
      "a from workspace /work/beta",
    ]);
    expect(new Set(catalogues.catalogue().connectors.map(({ id }) => id)).size).toBe(2);
  });

  it("hides the user's for all only where every open folder has a nearer one", () => {
    load(user, { mcpServers: servers("a") });
    load(acme, { mcpServers: servers("a") });
    expect(listed("/work/acme")).toEqual(["a from workspace /work/acme"]);
    expect(listed("/work/acme", "/work/beta")).toEqual(["a from user", "a from workspace /work/acme"]);
    expect(listed()).toEqual(["a from user", "a from workspace /work/acme"]);
  });

  it("is found however Windows spells the folder", () => {
    load(user, { projects: { "C:/Work/acme/": { mcpServers: servers("a") } } });
    load(folder("c:\\Work\\acme"), { mcpServers: servers("a") });
    expect(listed("c:\\Work\\acme")).toEqual(["a from user C:/Work/acme/"]);
  });
});

describe("a file around or below the open folder", () => {
  it("counts, and the nearer one hides the farther", () => {
    load(folder("/work/acme"), { mcpServers: servers("a", "b") });
    load(folder("/work/acme/app"), { mcpServers: servers("a") });
    expect(listed("/work/acme/app")).toEqual([
      "b from workspace /work/acme",
      "a from workspace /work/acme/app",
    ]);
    expect(listed("/work/acme")).toHaveLength(3);
  });

  it("is hidden by the user's entry for a project around it, whose rank is higher", () => {
    load(user, { projects: { "/work/acme": { mcpServers: servers("a") } } });
    load(folder("/work/acme/app"), { mcpServers: servers("a", "b") });
    expect(listed("/work/acme")).toEqual(["a from user /work/acme", "b from workspace /work/acme/app"]);
  });
});

describe("the administrator's file", () => {
  it("hides every other entry of its names", () => {
    load({ kind: "managed", file: "/etc/claude-code/managed-mcp.json" }, { mcpServers: servers("a") });
    load(user, { mcpServers: servers("a"), projects: { "/work/acme": { mcpServers: servers("a") } } });
    load(acme, { mcpServers: servers("a", "b") });
    expect(listed("/work/acme")).toEqual(["a from managed", "b from workspace /work/acme"]);
  });
});

describe("projects of the user's file", () => {
  const projects = {
    "/work/acme": { mcpServers: servers("a") },
    "/work/acme/app": { mcpServers: servers("b") },
    "/work": { mcpServers: servers("c") },
    "/work/acme2": { mcpServers: { ...servers("d"), e: broken } },
  };

  it("count when they are open, or around what is open, or within it", () => {
    load(user, { projects });
    expect(listed("/work/acme").map((line) => line.slice(0, 1))).toEqual(["a", "b", "c"]);
    expect(catalogues.catalogue(["/work/acme"])).toMatchObject({ broken: [], issues: [] });
  });

  it("count where the client takes them: a worktree's stand under the main repository", () => {
    const text = JSON.stringify({ projects: { "/work/main": { mcpServers: servers("a") } } });
    const projectFolders = (): readonly string[] => ["/work/tree"];
    catalogues.update(parseFile({ text, origin: user, env: () => undefined, projectFolders }));
    expect(listed("/work/tree")).toEqual(["a from user /work/tree"]);
  });

  it("all count when no folder is given", () => {
    load(user, { projects });
    expect(listed()).toHaveLength(4);
    expect(catalogues.catalogue().issues.map(({ code }) => code)).toEqual(["missing", "missing"]);
  });
});

describe("a file over time", () => {
  it("keeps its last good entries while its text does not parse, and says what is wrong", () => {
    load(acme, { mcpServers: { ...servers("a"), b: broken } });
    syntaxError(acme);
    const { connectors, broken: stillBroken, issues } = catalogues.catalogue();
    expect(connectors.map(({ name }) => name)).toEqual(["a"]);
    expect(stillBroken.map(({ name }) => name)).toEqual(["b"]);
    expect(issues.map(({ code }) => code)).toEqual(["syntax"]);
  });

  it("takes what is there as soon as it parses again", () => {
    load(acme, { mcpServers: servers("a") });
    syntaxError(acme);
    load(acme, { mcpServers: servers("b") });
    expect(listed()).toEqual(["b from workspace /work/acme"]);
    expect(catalogues.catalogue().issues).toEqual([]);
  });

  it("has nothing to keep when it never parsed", () => {
    syntaxError(acme);
    expect(catalogues.catalogue()).toMatchObject({ connectors: [], issues: [{ code: "syntax" }] });
  });

  it("keeps them too while it cannot be read", () => {
    load(acme, { mcpServers: servers("a") });
    catalogues.update(unreadableFile(acme, "EBUSY"));
    expect(catalogues.catalogue()).toMatchObject({
      connectors: [{ name: "a" }],
      issues: [{ code: "unreadable" }],
    });
  });

  it("has no connectors and no issues once it is gone, even when it comes back broken", () => {
    load(acme, { mcpServers: servers("a") });
    catalogues.remove(acme.file);
    expect(catalogues.catalogue()).toEqual({ connectors: [], broken: [], issues: [] });
    syntaxError(acme);
    expect(listed()).toEqual([]);
  });

  it("does not touch the others", () => {
    load(acme, { mcpServers: servers("a") });
    load(folder("/work/beta"), { mcpServers: servers("b") });
    syntaxError(acme);
    expect(listed()).toEqual(["a from workspace /work/acme", "b from workspace /work/beta"]);
  });
});
