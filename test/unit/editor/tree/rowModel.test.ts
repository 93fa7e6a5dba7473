import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { filterBy } from "../../../../src/editor/tree/filter.ts";
import { rowModelOf, noRows, redrawOf, top, type RowModel } from "../../../../src/editor/tree/rowModel.ts";
import { groupings, type Grouping } from "../../../../src/editor/tree/grouping.ts";
import { nodesOf, type Node, type Rows } from "../../../../src/editor/tree/nodes.ts";
import { brokenNamed, catalogueOf, connectorNamed } from "../../../support/connectors.ts";

const evidence = { answeredBy: "idp.example.com", atMs: 1_000, traceId: "0af7651916cd43dd8448eb211c80319c" };
const session = {
  id: "s1",
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  subject: "alice",
  accountLabel: "alice",
  scopes: ["openid"],
  signedInAtMs: 1_000,
};

const other = "https://login.other.example";
const elsewhere = {
  origin: { kind: "workspace", file: "/work/web/.mcp.json", folder: "/work/web" },
  userAuth: { issuer: other, clientId: "lanyard", scopes: ["openid"] },
} as const;

/** A board of a company: three connectors here, one in another folder with another provider, and one mistake. */
const company = (): Board => {
  const board = new Board();
  const connectors = [
    ...["github", "linear", "slack"].map((name) => connectorNamed(name)),
    connectorNamed("github", elsewhere),
  ];
  board.load(catalogueOf(connectors, [brokenNamed("sentry")]), () => "approved");
  return board;
};

const rowsOf = (board: Board, over: Partial<Rows> = {}): Rows => ({
  board,
  sessions: [session],
  fileIssues: [],
  mcpNotice: undefined,
  actOf: () => undefined,
  folderNameOf: ({ folder }) => folder?.split("/").at(-1) ?? "mine",
  ...over,
});

const nodesFrom = (board: Board, over: Partial<Rows> = {}): readonly Node[] => nodesOf(rowsOf(board, over));

const nameOf = (node: Node | undefined): string => {
  switch (node?.kind) {
    case "account":
      return `account ${node.session.accountLabel}`;
    case "need":
      return `need ${node.need.issuer}`;
    case "connector":
      return node.entry.connector.name;
    case "broken":
      return `broken ${node.entry.name}`;
    case "group":
      return `${Object.values(node.group).slice(1).join() || "-"} (${node.size})`;
    case "signIn":
    case "mcp":
    case "file":
    case undefined:
      return node?.kind ?? "nothing";
  }
};

/** The rows as they stand in the view, two spaces deeper under a group. */
const drawn = (forest: RowModel, parent = top, indent = ""): readonly string[] =>
  (forest.children.get(parent) ?? []).flatMap((id) => [
    `${indent}${nameOf(forest.nodes.get(id))}`,
    ...drawn(forest, id, `${indent}  `),
  ]);

const grant = (board: Board, id: string): void => board.record(id, { kind: "granted" }, evidence);
const idAt = (board: Board, index: number): string => board.entries()[index]?.connector.id ?? "";

describe("rows are grouped", () => {
  const shown = (board: Board, grouping: Grouping): readonly string[] =>
    drawn(rowModelOf(nodesFrom(board), { grouping }));

  it("by nothing: accounts, what is waited for, connectors, mistakes", () => {
    expect(shown(company(), "none")).toEqual([
      ...["account alice", `need ${other}`],
      ...["github", "linear", "slack", "github", "broken sentry"],
    ]);
  });

  it("by identity provider: who is signed in there on top, entries that name none last", () => {
    expect(shown(company(), "identityProvider")).toEqual([
      "https://idp.example.com (3)",
      ...["  account alice", "  github", "  linear", "  slack"],
      `${other} (1)`,
      ...[`  need ${other}`, "  github"],
      ...["- (1)", "  broken sentry"],
    ]);
  });

  it("by status: what needs the person first, what is ready last", () => {
    const board = company();
    grant(board, idAt(board, 0));
    board.record(idAt(board, 2), { kind: "signedOut", cause: "expired" }, evidence);
    expect(shown(board, "status")).toEqual([
      ...["account alice", `need ${other}`],
      ...["signedOut (1)", "  slack"],
      ...["misconfigured (1)", "  broken sentry"],
      ...["unchecked (2)", "  linear", "  github"],
      ...["granted (1)", "  github"],
    ]);
  });

  it("by status: a row that is checked again stays where it is until there is an answer", () => {
    const board = company();
    grant(board, idAt(board, 0));
    const before = shown(board, "status");
    board.checking(idAt(board, 0));
    expect(shown(board, "status")).toEqual(before);
  });

  it("by folder", () => {
    expect(shown(company(), "folder")).toEqual([
      ...["account alice", `need ${other}`],
      ...["acme (4)", "  github", "  linear", "  slack", "  broken sentry"],
      ...["web (1)", "  github"],
    ]);
  });

  it("by folder: which the row above names, and no row under it again", () => {
    const { nodes } = rowModelOf(nodesFrom(company()), { grouping: "folder" });
    expect([...nodes.values()].filter((node) => "folder" in node)).toEqual([]);
    const { nodes: single } = rowModelOf(nodesFrom(company()), { grouping: "none" });
    expect([...single.values()].filter((node) => "folder" in node)).toHaveLength(5);
  });

  it("by folder: not where there is only one, whose name nobody asks for", () => {
    const board = new Board();
    board.load(catalogueOf([connectorNamed("github")]), () => "approved");
    expect(shown(board, "folder")).toEqual(["account alice", "github"]);
    expect(nodesFrom(board).some((node) => "folder" in node)).toBe(false);
  });

  it("without losing or doubling one, whatever there is", () => {
    const name = fc.constantFrom("a", "b", "c", "d");
    const anyRows = fc.record({
      names: fc.uniqueArray(name),
      broken: fc.uniqueArray(name),
      granted: fc.array(fc.nat(3)),
      grouping: fc.constantFrom(...groupings),
    });
    fc.assert(
      fc.property(anyRows, ({ names, broken, granted, grouping }) => {
        const board = new Board();
        const connectors = names.map((each, index) => connectorNamed(each, index % 2 === 0 ? {} : elsewhere));
        const brokenIds = broken.map((each) => brokenNamed(each, { id: `broken ${each}` }));
        board.load(catalogueOf(connectors, brokenIds), () => "approved");
        for (const index of granted) grant(board, idAt(board, index));
        const nodes = nodesFrom(board);
        const forest = rowModelOf(nodes, { grouping });
        const leaves = [...forest.nodes.values()].filter(({ kind }) => kind !== "group");
        expect(leaves).toHaveLength(nodes.length);
        const children = [...forest.children.values()].flat();
        expect(children.toSorted()).toEqual([...forest.nodes.keys()].toSorted());
        expect(forest.total).toBe(names.length + broken.length);
      }),
    );
  });
});

describe("rows are filtered", () => {
  const shown = (text: string, grouping: Grouping = "none"): readonly string[] => {
    const board = company();
    grant(board, idAt(board, 1));
    const filter = filterBy(text, (kind) => (kind === "granted" ? "Ready" : kind));
    return drawn(rowModelOf(nodesFrom(board), { grouping, filter }));
  };

  it("by words of the name, in any case", () => expect(shown("GIT")).toEqual(["github", "github"]));
  it("by the host", () => expect(shown("mcp.slack.example")).toEqual(["slack"]));
  it("by the identity provider", () => expect(shown("login.other")).toEqual(["github"]));
  it("by the status, as the row says it", () => expect(shown("ready")).toEqual(["linear"]));
  it("by the status of an entry with mistakes", () => expect(shown("misconf")).toEqual(["broken sentry"]));
  it("by the folder", () => expect(shown("web")).toEqual(["github"]));
  it("by all of several words", () => expect(shown(" web   git ")).toEqual(["github"]));
  it("down to mistakes", () => expect(shown("sentry")).toEqual(["broken sentry"]));
  it("down to nothing", () => expect(shown("nobody")).toEqual([]));
  it("in groups, of which only those with rows are left", () => {
    expect(shown("linear", "identityProvider")).toEqual(["https://idp.example.com (1)", "  linear"]);
  });

  it("and counted", () => {
    const filter = filterBy("git", () => "");
    expect(rowModelOf(nodesFrom(company()), { grouping: "none", filter })).toMatchObject({
      shown: 2,
      total: 5,
    });
  });

  it("not at all where nothing was typed", () => expect(filterBy("  ", () => "")).toBeUndefined());
});

describe("of 500 connectors", () => {
  const many = (): Board => {
    const board = new Board();
    const connectors = Array.from({ length: 500 }, (_, index) => connectorNamed(`c${index}`));
    board.load(catalogueOf(connectors), () => "approved");
    for (const { id } of connectors) grant(board, id);
    return board;
  };
  const plant = (board: Board, grouping: Grouping, before?: RowModel): RowModel =>
    rowModelOf(nodesFrom(board), { grouping }, before);

  it.each(groupings)("those are drawn that changed: grouped by %s", (grouping) => {
    const board = many();
    const before = plant(board, grouping);
    const changed = [3, 77, 499].map((index) => idAt(board, index));
    for (const id of changed) board.noteRequested(id, 2_000);
    const after = plant(board, grouping, before);
    expect(redrawOf(before, after)).toEqual({ kind: "some", ids: changed.map((id) => `connector:${id}`) });
    const anew = [...after.nodes.values()].filter((node) => ![...before.nodes.values()].includes(node));
    expect(anew).toHaveLength(3);
  });

  it("none is drawn when the files were read anew and say the same", () => {
    const board = many();
    const before = plant(board, "none");
    board.load(catalogueOf(board.entries().map(({ connector }) => ({ ...connector }))), () => "approved");
    expect(redrawOf(before, plant(board, "none", before))).toEqual({ kind: "some", ids: [] });
  });

  it("one that gets another status moves: its old group and its new one are drawn, and one row is made", () => {
    const board = many();
    board.record(idAt(board, 1), { kind: "signedOut", cause: "expired" }, evidence);
    const before = plant(board, "status");
    board.record(idAt(board, 2), { kind: "signedOut", cause: "expired" }, evidence);
    const after = plant(board, "status", before);
    const redraw = redrawOf(before, after);
    expect(redraw.kind === "some" && redraw.ids.map((id) => nameOf(after.nodes.get(id)))).toEqual([
      ...["signedOut (2)", "granted (498)"],
    ]);
    const old = new Set(before.nodes.values());
    expect([...after.nodes.values()].filter((node) => !old.has(node)).map(nameOf)).toEqual([
      ...["signedOut (2)", "c2", "granted (498)"],
    ]);
  });

  it("all are drawn when one comes or goes", () => {
    const board = many();
    const before = plant(board, "none");
    board.load(
      catalogueOf(
        board
          .entries()
          .map(({ connector }) => connector)
          .slice(1),
      ),
      () => "approved",
    );
    expect(redrawOf(before, plant(board, "none", before))).toEqual({ kind: "all" });
    expect(redrawOf(noRows, before)).toEqual({ kind: "all" });
  });

  it("what is under way for one draws that one", () => {
    const board = many();
    const before = plant(board, "none");
    const acting = idAt(board, 9);
    const nodes = nodesFrom(board, { actOf: (id) => (id === acting ? "browser" : undefined) });
    expect(redrawOf(before, rowModelOf(nodes, { grouping: "none" }, before))).toEqual({
      kind: "some",
      ids: [`connector:${acting}`],
    });
  });
});
