import { describe, expect, it } from "vitest";
import type { Connector, EntryOrigin } from "../../../../../src/core/config/connector.ts";
import { Board, connectorKey } from "../../../../../src/core/connectors/board/board.ts";
import type { Permission } from "../../../../../src/core/connectors/board/status.ts";
import type { Evidence } from "../../../../../src/core/connectors/board/status.ts";
import { brokenNamed, catalogueOf, connectorNamed } from "../../../../support/connectors.ts";
import { grants } from "../../../../support/grants.ts";

const evidence: Evidence = { answeredBy: "vault.example.com", atMs: 1, traceId: "a".repeat(32) };
const github = connectorNamed("github");
const linear = connectorNamed("linear");

const boardOf = (connectors: readonly Connector[], standing: Permission = "approved"): Board => {
  const board = new Board();
  board.load(catalogueOf(connectors), () => standing);
  return board;
};

const changesOf = (board: Board): readonly (readonly string[])[] => {
  const changes: (readonly string[])[] = [];
  board.onDidChange((ids) => changes.push(ids));
  return changes;
};

describe("taking over what the files say", () => {
  it("starts every approved entry unchecked and keeps the files' order", () => {
    const entries = boardOf([linear, github]).entries();
    expect(entries.map(({ connector }) => connector.name)).toEqual(["linear", "github"]);
    expect(entries.map(({ status }) => status.kind)).toEqual(["unchecked", "unchecked"]);
  });

  it("keeps the status and the history of an entry that is as it was", () => {
    const board = boardOf([github]);
    board.record(github.id, { kind: "granted" }, evidence);
    board.issued(github.id, 5, 9);
    const before = board.get(github.id);
    const changes = changesOf(board);
    board.load(catalogueOf([structuredClone(github)]), () => "approved");
    expect(board.get(github.id)).toEqual(before);
    expect(changes).toEqual([]);
  });

  it("follows an entry that only moved in its file, and says so", () => {
    const board = boardOf([github]);
    board.record(github.id, { kind: "granted" }, evidence);
    const changes = changesOf(board);
    const moved = connectorNamed("github", { place: { ...github.place, line: 40 } });
    board.load(catalogueOf([moved]), () => "approved");
    expect(board.get(github.id)).toMatchObject({ status: { kind: "granted" }, connector: moved });
    expect(changes).toEqual([[github.id]]);
  });

  it.each<[string, Partial<Connector>]>([
    ["another URL", { url: "https://mcp.github.example.com/v2" }],
    ["another issuer", { userAuth: { ...github.userAuth, issuer: "https://other.example.com" } }],
    ["another source", { credential: { source: "token-exchange", resource: "https://x.example.com" } }],
    ["another helper", { helper: { kind: "absent" } }],
  ])("starts an entry over that has %s, with nothing left of its history", (_what, over) => {
    const board = boardOf([github]);
    board.record(github.id, { kind: "granted" }, evidence);
    board.issued(github.id, 5, 9);
    const changed = connectorNamed("github", over);
    board.load(catalogueOf([changed]), () => "approved");
    expect(board.get(github.id)).toEqual({ connector: changed, status: { kind: "unchecked" } });
  });

  it("lets go of an entry that is gone, and says so", () => {
    const board = boardOf([github, linear]);
    const changes = changesOf(board);
    board.load(catalogueOf([linear]), () => "approved");
    expect(board.get(github.id)).toBeUndefined();
    expect(changes).toEqual([[github.id]]);
  });

  it("shows broken entries beside the others, and says when they come, change and go", () => {
    const board = boardOf([github]);
    const changes = changesOf(board);
    const broken = brokenNamed("notion");
    board.load(catalogueOf([github], [broken]), () => "approved");
    expect(board.broken()).toEqual([broken]);
    board.load(catalogueOf([github], [structuredClone(broken)]), () => "approved");
    board.load(catalogueOf([github], [brokenNamed("notion", { issues: [] })]), () => "approved");
    board.load(catalogueOf([github]), () => "approved");
    expect(changes).toEqual([[broken.id], [broken.id], [broken.id]]);
    expect(board.broken()).toEqual([]);
  });

  it("an entry that broke is no connector any more", () => {
    const board = boardOf([github]);
    board.load(catalogueOf([], [brokenNamed("github", { id: github.id })]), () => "approved");
    expect(board.get(github.id)).toBeUndefined();
    expect(board.broken()).toHaveLength(1);
  });

  it("takes what is known away with the approval", () => {
    const board = boardOf([github]);
    board.record(github.id, { kind: "granted" }, evidence);
    board.load(catalogueOf([github]), () => "changed");
    expect(board.get(github.id)?.status).toEqual({ kind: "unapproved", changed: true });
    board.load(catalogueOf([github]), () => "approved");
    expect(board.get(github.id)?.status).toEqual({ kind: "unchecked" });
  });
});

describe("the connector that a helper means", () => {
  const workspace = (folder: string): EntryOrigin => ({
    kind: "workspace",
    file: `${folder}/.mcp.json`,
    folder,
  });
  const user: EntryOrigin = { kind: "user", file: "/home/alice/.claude.json" };
  const request = (over: object = {}): Parameters<Board["find"]>[0] => ({
    ...{ server: "github", url: github.url, cwd: "/work/acme" },
    ...over,
  });

  it("is found by its name and URL", () => {
    const board = boardOf([linear, github]);
    expect(board.find(request())).toEqual({ kind: "found", entry: board.get(github.id) });
  });

  it("is found however its URL is spelled, as long as it is the same one", () => {
    const board = boardOf([github]);
    const url = "HTTPS://MCP.github.example.com:443/x/../mcp";
    expect(board.find(request({ url })).kind).toBe("found");
  });

  it.each([
    "https://mcp.github.example.com/mcp/",
    "https://mcp.github.example.com/",
    "https://mcp.github.example.com.evil.example/mcp",
    "http://mcp.github.example.com/mcp",
    "https://mcp.github.example.com:8443/mcp",
    "https://mcp.github.example.com/mcp?x=1",
    "not a url",
    "",
  ])("is not the one at %j", (url) => {
    const board = boardOf([github]);
    expect(board.find(request({ url }))).toEqual({ kind: "urlMismatch", entry: board.get(github.id) });
  });

  it("is unknown, or broken, when no entry works under that name", () => {
    const board = new Board();
    const broken = brokenNamed("github");
    board.load(catalogueOf([], [broken]), () => "approved");
    expect(board.find(request())).toEqual({ kind: "broken", entry: broken });
    expect(board.find(request({ server: "gitlab" }))).toEqual({ kind: "unknown" });
  });

  it("is the one of the nearest folder around the helper", () => {
    const outer = connectorNamed("github", { origin: workspace("/work") });
    const inner = connectorNamed("github", { origin: workspace("/work/acme") });
    const board = boardOf([outer, inner]);
    const foundFrom = (cwd: string): unknown => {
      const found = board.find(request({ cwd }));
      return found.kind === "found" ? found.entry.connector : found.kind;
    };
    expect(foundFrom("/work/acme/src")).toBe(inner);
    expect(foundFrom("/work/acme")).toBe(inner);
    expect(foundFrom("/work/acme-old")).toBe(outer);
    expect(foundFrom("/elsewhere")).toBe("elsewhere");
  });

  it("is not the farther one when the nearest has another URL", () => {
    const outer = connectorNamed("github", { origin: workspace("/work") });
    const inner = connectorNamed("github", {
      origin: workspace("/work/acme"),
      url: "https://staging.example.com/mcp",
    });
    const board = boardOf([outer, inner]);
    expect(board.find(request())).toEqual({ kind: "urlMismatch", entry: board.get(inner.id) });
  });

  it("is the user's own outside every folder", () => {
    const own = connectorNamed("github", { origin: user });
    const board = boardOf([own, connectorNamed("github", { origin: workspace("/work/acme") })]);
    const found = board.find(request({ cwd: "/elsewhere" }));
    expect(found).toEqual({ kind: "found", entry: board.get(own.id) });
  });

  it("is told apart by URL where the folder does not tell", () => {
    const staging = { origin: workspace("/work/staging"), url: "https://staging.example.com/mcp" };
    const board = boardOf([github, connectorNamed("github", staging)]);
    const found = board.find(request({ cwd: "", url: staging.url }));
    expect(found).toMatchObject({ kind: "found", entry: { connector: { url: staging.url } } });
  });

  it("is none outside of the folders of all, and the reason names one", () => {
    const board = boardOf([github]);
    expect(board.find(request({ cwd: "/elsewhere" }))).toEqual({ kind: "elsewhere", folder: "/work/acme" });
  });

  it("is the user's for one project before a deeper folder's, and the administrator's before all", () => {
    const deep = connectorNamed("github", { origin: workspace("/work/acme/app") });
    const local = connectorNamed("github", { origin: { kind: "user", file: "/u", folder: "/work/acme" } });
    const cwd = "/work/acme/app";
    expect(boardOf([deep, local]).find(request({ cwd }))).toMatchObject({ entry: { connector: local } });
    const managed = connectorNamed("github", { origin: { kind: "managed", file: "/etc/m.json" } });
    expect(boardOf([deep, local, managed]).find(request({ cwd }))).toMatchObject({
      entry: { connector: managed },
    });
  });

  it("is found through a link to its folder", () => {
    const file = "/link/.mcp.json";
    const linked: EntryOrigin = { kind: "workspace", file, folder: "/link", realFolder: "/real" };
    const board = boardOf([connectorNamed("github", { origin: linked })]);
    expect(board.find(request({ cwd: "/real/src" }))).toMatchObject({ kind: "found" });
  });

  it("is found on Windows, whatever the drive's case and the slashes", () => {
    const inner = connectorNamed("github", { origin: workspace("c:\\work\\Acme") });
    const outer = connectorNamed("github", { origin: workspace("c:\\work") });
    const board = boardOf([outer, inner]);
    for (const cwd of ["C:\\Work\\acme\\src", "c:/work/acme"]) {
      expect(board.find(request({ cwd }))).toEqual({ kind: "found", entry: board.get(inner.id) });
    }
  });
});

describe("what the board tells", () => {
  it("tells each change of a row, and nothing when nothing changes", () => {
    const board = boardOf([github]);
    const changes = changesOf(board);
    board.checking(github.id);
    board.checking(github.id);
    board.record(github.id, grants.unavailable(), evidence);
    board.retryAt(github.id, 42);
    board.retryAt(github.id, 42);
    expect(board.get(github.id)?.status).toMatchObject({ kind: "unavailable", retryAtMs: 42 });
    expect(changes).toHaveLength(3);
  });

  it("keeps when it was asked for last, and what was handed out last", () => {
    const board = boardOf([github]);
    board.noteRequested(github.id, 7);
    board.issued(github.id, 8, undefined);
    expect(board.get(github.id)).toMatchObject({ lastAskedAtMs: 7, lastIssued: { atMs: 8 } });
  });

  it.each<[string, number | undefined, number | undefined, number | undefined]>([
    ["a token that outlives the next credential", 3_600, 60, 3_600],
    ["a credential that outlives the one before", 60, 3_600, 3_600],
    ["one that names no end", undefined, 60, undefined],
    ["one that names no end after one that does", 60, undefined, undefined],
  ])("remembers of what was handed out what lives longest: %s", (_what, first, second, longest) => {
    const board = boardOf([github]);
    board.issued(github.id, 1, first);
    board.issued(github.id, 2, second);
    expect(board.get(github.id)?.lastIssued?.expiresAtMs).toBe(longest);
  });

  it("says nothing of a connector that it does not hold", () => {
    const board = boardOf([github]);
    const changes = changesOf(board);
    for (const id of ["", "constructor", linear.id]) {
      board.checking(id);
      board.noteRequested(id, 1);
      board.record(id, { kind: "granted" }, evidence);
    }
    expect(changes).toEqual([]);
  });

  it("tells nobody anything after its end", () => {
    const board = boardOf([github]);
    const changes = changesOf(board);
    board.dispose();
    board.record(github.id, { kind: "granted" }, evidence);
    expect(changes).toEqual([]);
    expect(board.entries()).toEqual([]);
  });
});

describe("the key of an entry", () => {
  it("is that of what it says, not of where in the file it says so", () => {
    const moved = connectorNamed("github", { place: { ...github.place, line: 40 } });
    expect(connectorKey(moved)).toBe(connectorKey(github));
    expect(connectorKey(connectorNamed("github", { url: "https://x.example.com/" }))).not.toBe(
      connectorKey(github),
    );
  });
});
