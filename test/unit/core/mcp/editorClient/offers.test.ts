import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../../src/core/config/connector.ts";
import type { BoardEntry } from "../../../../../src/core/connectors/board/boardEntry.ts";
import type { GrantState, Observed, Status } from "../../../../../src/core/connectors/board/status.ts";
import { offersOf } from "../../../../../src/core/mcp/editorClient/offers.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { grants, refusals } from "../../../../support/grants.ts";

const evidence = { answeredBy: "vault.example.com", atMs: 1, traceId: "t" };
const answered = (finding: GrantState): Observed => ({ ...finding, evidence });
const granted = answered({ kind: "granted" });

const entry = (
  name: string,
  status: Status = granted,
  over: Parameters<typeof connectorNamed>[1] = {},
): BoardEntry => ({
  connector: connectorNamed(name, over),
  status,
});

const inFolder = (folder: string): Partial<Connector> => ({
  origin: { kind: "workspace", file: `${folder}/.mcp.json`, folder },
});

const labels = (entries: readonly BoardEntry[], taken: readonly string[] = []): readonly string[] =>
  offersOf(entries, new Set(taken)).map(({ label }) => label);

describe("the editor's client is offered", () => {
  it("a connector whose last answer was a credential", () => {
    expect(labels([entry("github")])).toEqual(["github"]);
  });

  it("one that is being checked, or whose vault is down, as long as it was ready before: what runs goes on", () => {
    const down = { ...answered(grants.unavailable()), lastKnown: granted } as const;
    expect(labels([entry("github", { kind: "checking", last: granted }), entry("linear", down)])).toEqual([
      "github",
      "linear",
    ]);
  });

  it.each(Object.entries(refusals))("none that got a refusal: %s", (_name, refusal) => {
    expect(labels([entry("github", answered(refusal))])).toEqual([]);
  });

  it.each([
    { kind: "untrusted" },
    { kind: "unapproved", changed: false },
    { kind: "unapproved", changed: true },
    { kind: "unchecked" },
    { kind: "checking" },
  ] as const)("none that nobody may ask for, or that was not asked for yet: $kind", (status) => {
    expect(labels([entry("github", status)])).toEqual([]);
  });

  it("none that speaks WebSocket, which it does not", () => {
    expect(
      labels([entry("a", granted, { transport: "ws" }), entry("b", granted, { transport: "sse" })]),
    ).toEqual(["b"]);
  });

  it("none that is a bridge, ready or not: it starts that from the entry, and another would be its twin", () => {
    const bridge = entry("github", granted, { helper: { kind: "bridge" } });
    expect(labels([bridge, entry("linear")])).toEqual(["linear"]);
    expect(offersOf([bridge], new Set(), "approved")).toEqual([]);
  });

  it("none whose name .vscode/mcp.json defines, whatever the case", () => {
    expect(labels([entry("GitHub"), entry("linear")], ["github"])).toEqual(["linear"]);
  });
});

it("while the person chooses, all that may be asked for at all are offered", () => {
  const all = [
    entry("github"),
    entry("linear", answered(grants.needsConnection())),
    entry("sentry", { kind: "unchecked" }),
    entry("slack", { kind: "unapproved", changed: false }),
    entry("notion", { kind: "untrusted" }),
    entry("socket", granted, { transport: "ws" }),
  ];
  expect(offersOf(all, new Set(), "approved").map(({ label }) => label)).toEqual([
    "github",
    "linear",
    "sentry",
  ]);
});

describe("its label", () => {
  it("tells apart connectors of one name: the editor finds servers by their label, whatever the case", () => {
    const folders = ["/work/one", "/work/two", "/other/two"].map((folder) =>
      entry("github", granted, inFolder(folder)),
    );
    expect(labels([...folders, entry("GitHub", granted, inFolder("/x/two"))])).toEqual([
      "github",
      "github (two)",
      "github (two) 2",
      "GitHub (two) 3",
    ]);
  });

  it("stays with its connector while another of that name is not ready", () => {
    const [one, two] = [inFolder("/work/one"), inFolder("/work/two")];
    const waiting = answered(grants.signedOut());
    expect(labels([entry("github", waiting, one), entry("github", granted, two)])).toEqual(["github (two)"]);
  });
});
