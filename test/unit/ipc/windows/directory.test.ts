import { describe, expect, test } from "vitest";
import { locate, locateIssuer, type PlacedRow } from "../../../../src/ipc/windows/directory.ts";

const row = (window: string, name: string, over: Partial<PlacedRow> = {}): PlacedRow => ({
  window,
  id: `${over.folder ?? "user"} ${name}`,
  name,
  url: `https://${name}.example.com/mcp`,
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  rank: over.folder === undefined ? 1 : 2,
  standing: "approved",
  ill: false,
  acting: false,
  ...over,
});

const wanted = (server: string, cwd: string, url = `https://${server}.example.com/mcp`) => ({
  server,
  cwd,
  url,
});

describe("the window that answers", () => {
  const one = row("1", "github", { folder: "/one" });
  const two = row("2", "github", { folder: "/two" });
  const inner = row("3", "github", { folder: "/two/inner" });

  test.each([
    ["/one", "1"],
    ["/one/deep/inside", "1"],
    ["/two", "2"],
    ["/two/inner/src", "3"],
  ])("for a helper in %s is the one with the nearest folder", (cwd, window) => {
    const located = locate([one, two, inner], wanted("github", cwd), "1");
    expect(located).toEqual({ kind: "window", window, isSure: true });
  });

  test("is none when the name is not known", () => {
    expect(locate([one], wanted("linear", "/one"), "1")).toEqual({ kind: "unknown" });
  });

  test("is not chosen for the person where two entries are as near as each other", () => {
    expect(locate([one, two], wanted("github", ""), "1")).toEqual({ kind: "ambiguous", count: 2 });
  });

  test("is none for a helper outside of the folders of all: one that has the name says where it is for", () => {
    const located = (own: string) => locate([one, two], wanted("github", "/elsewhere"), own);
    expect(located("1")).toEqual({ kind: "unknown", says: "1" });
    expect(located("2")).toEqual({ kind: "unknown", says: "2" });
    expect(located("3")).toEqual({ kind: "unknown", says: "1" });
  });

  test("is another when the nearest has another URL: it refuses, and no other is asked", () => {
    const located = locate([one, two], wanted("github", "/two", "https://evil.example.com/mcp"), "1");
    expect(located).toEqual({ kind: "window", window: "2", isSure: false });
  });

  test("is the one with a whole entry rather than a broken one; a broken one alone says what is wrong", () => {
    const broken = row("3", "github", { folder: "/two", standing: "broken", url: "" });
    expect(locate([broken, one], wanted("github", "/one"), "3")).toMatchObject({ window: "1" });
    expect(locate([broken], wanted("github", "/two"), "1")).toMatchObject({ window: "3" });
  });

  test("may change while windows are coming, unless the helper is in the entry's own folder", () => {
    const user = row("1", "github");
    expect(locate([user], wanted("github", "/one"), "1")).toMatchObject({ isSure: false });
    expect(locate([user, one], wanted("github", "/one"), "1")).toMatchObject({ isSure: true });
  });
});

describe("of several windows that show one entry", () => {
  const shared = (window: string, over: Partial<PlacedRow> = {}): PlacedRow =>
    row(window, "github", { folder: "/one", ...over });
  const ask = (...rows: readonly PlacedRow[]) => locate(rows, wanted("github", "/one"), "2");

  test("the leader's own is taken, else the first", () => {
    expect(ask(shared("1"), shared("2"))).toMatchObject({ window: "2" });
    expect(ask(shared("1"), shared("3"))).toMatchObject({ window: "1" });
  });

  test("one where it is approved comes before one where it is not", () => {
    expect(ask(shared("2", { standing: "held" }), shared("3"))).toMatchObject({ window: "3" });
  });

  test("one whose secret storage does not work comes last, whatever else is true of it", () => {
    expect(ask(shared("2", { ill: true, acting: true }), shared("3"))).toMatchObject({ window: "3" });
    expect(ask(shared("2", { ill: true }))).toMatchObject({ window: "2" });
  });

  test("the one in which the person is acting comes first", () => {
    expect(ask(shared("1"), shared("2"), shared("3", { acting: true }))).toMatchObject({ window: "3" });
  });
});

describe("a sign-in without a connector", () => {
  const other = row("2", "linear", { issuer: "https://other.example.com" });

  test("is that of the issuer which is named", () => {
    expect(locateIssuer([row("1", "github"), other], "https://other.example.com", "1")).toEqual({
      kind: "window",
      window: "2",
      issuer: "https://other.example.com",
    });
  });

  test("has to be named where there are several, over all windows", () => {
    expect(locateIssuer([row("1", "github"), other], "", "1")).toEqual({ kind: "ambiguous" });
    expect(locateIssuer([row("1", "github")], "", "1")).toMatchObject({ window: "1" });
  });

  test("is none of a connector that is not approved", () => {
    expect(locateIssuer([row("1", "github", { standing: "held" })], "", "1")).toEqual({ kind: "unknown" });
  });
});
