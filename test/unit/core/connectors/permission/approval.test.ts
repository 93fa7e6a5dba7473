import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../../src/core/config/connector.ts";
import { approvalHash, Approvals } from "../../../../../src/core/connectors/permission/approval.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { memoryMemory } from "../../../../support/ports.ts";

const github = connectorNamed("github");
const linear = connectorNamed("linear");
const memoryKey = "lanyard.approvals.v1";

const { helperCommand: _none, ...withoutHelper } = github;
const userAuth = (over: Partial<Connector["userAuth"]>): Connector => ({
  ...github,
  userAuth: { ...github.userAuth, ...over },
});

const changes: readonly [string, Connector][] = [
  ["transport", { ...github, transport: "sse" }],
  ["URL", { ...github, url: "https://mcp.github.example.com/v2" }],
  ["issuer", userAuth({ issuer: "https://idp.example.org" })],
  ["client", userAuth({ clientId: "other" })],
  ["scopes", userAuth({ scopes: ["openid", "offline_access"] })],
  ["resource of the sign-in", userAuth({ resource: "https://r.example.com" })],
  ["parameters of the sign-in", userAuth({ parameters: { audience: "https://other.example.com" } })],
  ["variable of the client's secret", userAuth({ clientSecret: "${OTHER}" })],
  ["place of its events", userAuth({ events: "https://vault.example.com/events" })],
  [
    "resource of the exchange",
    { ...github, credential: { source: "token-exchange", resource: "https://r.example.com" } },
  ],
  ["source", { ...github, credential: { source: "script" } }],
  ["helper command", { ...github, helperCommand: "lanyard headers -- ./other.sh" }],
  ["helper command, by its absence", withoutHelper],
];

describe("what is approved", () => {
  it.each([...changes, ["name", { ...github, name: "github-2" }] as const])(
    "has another hash with another %s",
    async (_what, changed) => {
      expect(await approvalHash(changed)).not.toBe(await approvalHash(github));
    },
  );

  it("has the hash that it had before there were parameters of a sign-in", async () => {
    const hash = "9fde0c8176c5c601aba0176e8cc7ea50496a55617681bdf7080964e9af3c2706";
    expect(await approvalHash(github)).toBe(hash);
    expect(await approvalHash(userAuth({ parameters: {} }))).not.toBe(hash);
  });

  it("is the same wherever in its file it stands", async () => {
    const moved = connectorNamed("github", { place: { ...github.place, line: 40 } });
    expect(await approvalHash(moved)).toBe(await approvalHash(github));
  });

  it("cannot be made to look like another by moving text from one part to the next", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (a, b, c) => {
        fc.pre(b !== "");
        const named = (name: string, url: string): Connector => ({ ...github, name, url });
        expect(await approvalHash(named(a + b, c))).not.toBe(await approvalHash(named(a, b + c)));
      }),
    );
  });
});

describe("where connectors stand", () => {
  it("is unapproved until somebody approves them, then approved, and over a restart", async () => {
    const memory = memoryMemory();
    const approvals = new Approvals(memory);
    const before = await approvals.permissions([github, linear]);
    expect([...before.values()]).toEqual(["unapproved", "unapproved"]);
    await approvals.approve([github]);
    const after = await new Approvals(memory).permissions([github, linear]);
    expect([after.get(github.id), after.get(linear.id)]).toEqual(["approved", "unapproved"]);
  });

  it.each(changes)("is changed with another %s", async (_what, changed) => {
    const approvals = new Approvals(memoryMemory());
    await approvals.approve([github]);
    const standings = await approvals.permissions([changed]);
    expect(standings.get(github.id)).toBe("changed");
  });

  it("stays approved where its tools are narrowed, and asks again where they are widened", async () => {
    const approvals = new Approvals(memoryMemory());
    const under = (tools: NonNullable<Connector["userAuth"]["tools"]>): Connector => userAuth({ tools });
    const stands = async (connector: Connector): Promise<string | undefined> =>
      (await approvals.permissions([connector])).get(github.id);
    await approvals.approve([under({ allow: ["get_*", "list"] })]);
    expect(await stands(under({ allow: ["get_*", "list"] }))).toBe("approved");
    expect(await stands(under({ allow: ["get_issue"], readOnly: true }))).toBe("approved");
    expect(await stands(under({ allow: ["*"] }))).toBe("changed");
    expect(await stands(github)).toBe("changed");
    await approvals.approve([github]);
    expect(await stands(under({ deny: ["x"] }))).toBe("approved");
  });

  it("is approved again once the entry is as it was", async () => {
    const approvals = new Approvals(memoryMemory());
    await approvals.approve([github]);
    await approvals.permissions([connectorNamed("github", { url: "https://x.example.com/" })]);
    expect((await approvals.permissions([github])).get(github.id)).toBe("approved");
  });

  it("is unapproved once the approval is withdrawn; the others keep theirs", async () => {
    const approvals = new Approvals(memoryMemory());
    await approvals.approve([github, linear]);
    await approvals.withdraw([github]);
    const standings = await approvals.permissions([github, linear]);
    expect([standings.get(github.id), standings.get(linear.id)]).toEqual(["unapproved", "approved"]);
  });

  it("loses none of two approvals given at the same time", async () => {
    const approvals = new Approvals(memoryMemory());
    await Promise.all([approvals.approve([github]), approvals.approve([linear])]);
    const standings = await approvals.permissions([github, linear]);
    expect([...standings.values()]).toEqual(["approved", "approved"]);
  });

  it.each(["constructor", "__proto__", "toString"])("is unapproved for an id like %s", async (id) => {
    const approvals = new Approvals(memoryMemory());
    const standings = await approvals.permissions([connectorNamed("github", { id })]);
    expect(standings.get(id)).toBe("unapproved");
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["text", "approved"],
    ["a list", [github.id]],
    ["no hash", { [github.id]: "approved" }],
    ["a hash in capitals", { [github.id]: "A".repeat(64) }],
    ["true", { [github.id]: true }],
  ])("is unapproved when the memory holds %s", async (_what, value) => {
    const memory = memoryMemory();
    await memory.update(memoryKey, value);
    expect((await new Approvals(memory).permissions([github])).get(github.id)).toBe("unapproved");
    await new Approvals(memory).approve([github]);
    expect((await new Approvals(memory).permissions([github])).get(github.id)).toBe("approved");
  });
});

describe("several versions of an entry", () => {
  const at = (path: string): Connector =>
    connectorNamed("github", { url: `https://mcp.github.example.com/${path}` });
  const permissionOf = async (approvals: Approvals, connector: Connector): Promise<string | undefined> =>
    (await approvals.permissions([connector])).get(connector.id);

  it("stay approved, so that a change of branch asks nobody", async () => {
    const approvals = new Approvals(memoryMemory());
    await approvals.approve([at("main")]);
    await approvals.approve([at("branch")]);
    expect(await permissionOf(approvals, at("main"))).toBe("approved");
    expect(await permissionOf(approvals, at("branch"))).toBe("approved");
  });

  it("are eight at most; the oldest asks again", async () => {
    const approvals = new Approvals(memoryMemory());
    for (let n = 0; n < 9; n += 1) await approvals.approve([at(String(n))]);
    expect(await permissionOf(approvals, at("0"))).toBe("changed");
    expect(await permissionOf(approvals, at("1"))).toBe("approved");
  });

  it("are told of in this window, each time something was decided", async () => {
    const approvals = new Approvals(memoryMemory());
    let told = 0;
    approvals.onDidChange(() => (told += 1));
    await approvals.approve([at("main")]);
    await approvals.withdraw([at("main")]);
    expect(told).toBe(2);
  });

  it("outlive those of entries that were decided on longer ago: a thousand entries are kept", async () => {
    const approvals = new Approvals(memoryMemory());
    const others = Array.from({ length: 999 }, (_, n) => connectorNamed(`other-${n}`));
    await approvals.approve([at("main"), ...others]);
    await approvals.approve([at("branch")]);
    await approvals.approve([connectorNamed("one-more")]);
    expect(await permissionOf(approvals, at("main"))).toBe("approved");
    expect(await permissionOf(approvals, connectorNamed("other-0"))).toBe("unapproved");
    expect(await permissionOf(approvals, connectorNamed("other-1"))).toBe("approved");
  });

  it("are all taken back at once", async () => {
    const approvals = new Approvals(memoryMemory());
    await approvals.approve([at("main")]);
    await approvals.approve([at("branch")]);
    await approvals.withdraw([at("branch")]);
    expect(await permissionOf(approvals, at("main"))).toBe("unapproved");
  });

  it("tell what was approved last, and no value of a variable", async () => {
    const memory = memoryMemory();
    const shown = {
      ...{ url: "https://x.example/${PATH_SECRET}", issuer: "https://idp.example.com" },
      ...{ credential: '{"note":"${AWS_SECRET}"}', variables: ["PATH_SECRET", "AWS_SECRET"] },
    };
    const secret = connectorNamed("github", { url: "https://x.example/canary", shown });
    const approvals = new Approvals(memory);
    await approvals.approve([secret]);
    const review = (await approvals.reviews([at("other")])).get(github.id);
    expect(review).toMatchObject({
      permission: "changed",
      before: { url: "https://x.example/${PATH_SECRET} (x.example)", variables: "PATH_SECRET AWS_SECRET" },
    });
    expect(JSON.stringify(memory.get("lanyard.approvals.v2"))).not.toContain("canary");
  });

  it("leave a line in the history each, and so does taking back", async () => {
    const notes: unknown[] = [];
    const approvals = new Approvals(memoryMemory(), { note: (event) => notes.push(event) });
    await approvals.approve([github, linear]);
    await approvals.withdraw([linear]);
    expect(notes).toMatchObject([
      { kind: "approval", connector: "github" },
      { kind: "approval", connector: "linear" },
      { kind: "withdrawal", connector: "linear" },
    ]);
  });
});

describe("what a former version noted", () => {
  const noted = async (connector: Connector): Promise<ReturnType<typeof memoryMemory>> => {
    const memory = memoryMemory();
    await memory.update(memoryKey, { [connector.id]: await approvalHash(connector) });
    return memory;
  };
  const permissionOf = async (memory: ReturnType<typeof memoryMemory>, connector: Connector) =>
    (await new Approvals(memory).permissions([connector])).get(connector.id);

  it("counts where its dialog had shown it, also once others are approved", async () => {
    const memory = await noted(github);
    expect(await permissionOf(memory, github)).toBe("approved");
    await new Approvals(memory).approve([linear]);
    expect(await permissionOf(memory, github)).toBe("approved");
    expect(memory.get(memoryKey)).toBeUndefined();
    await new Approvals(memory).withdraw([github]);
    expect(await permissionOf(memory, github)).toBe("unapproved");
  });

  it("counts for a text with a blank at its end, and for a host of a hundred letters", async () => {
    const host = `${"a.".repeat(46)}example`;
    expect(host.length).toBeLessThanOrEqual(100);
    for (const connector of [
      connectorNamed("github", { helper: { kind: "script", command: "./get.sh ", stdin: false } }),
      connectorNamed("github", { url: `https://${"a".repeat(40)}.${"b".repeat(51)}.example/` }),
    ])
      expect(await permissionOf(await noted(connector), connector)).toBe("approved");
  });

  const long = "x".repeat(130);
  const script = { kind: "script", command: `./get.sh ${long}`, stdin: false } as const;
  it.each<[string, Connector]>([
    ["a command that was cut off", connectorNamed("github", { helper: script })],
    ["a URL that was cut off", connectorNamed("github", { url: `https://a.example/${long}` })],
    ["a host of look-alike letters", connectorNamed("github", { url: "https://login.асme.example/" })],
    ["a host in punycode", connectorNamed("github", { url: "https://xn--me-6kca.example/" })],
    [
      "a vault that was cut off",
      connectorNamed("github", {
        credential: { source: "vault-lookup", url: `https://${"a.".repeat(60)}attacker.example/` },
      }),
    ],
    ["a name of look-alike letters", connectorNamed("g\u0456thub")],
    ["a name that was cut off", connectorNamed(long)],
    [
      "a host that was cut off",
      connectorNamed("github", { url: `https://${"a.".repeat(45)}attacker.example/` }),
    ],
    [
      "a vault of look-alike letters",
      connectorNamed("github", {
        credential: { source: "vault-lookup", url: "https://vault.\u0430cme.example/" },
      }),
    ],
    [
      "a variable",
      connectorNamed("github", { shown: { url: "", issuer: "", credential: undefined, variables: ["X"] } }),
    ],
  ])("does not count for %s", async (_what, connector) => {
    const memory = await noted(connector);
    expect(await permissionOf(memory, connector)).toBe("changed");
    await new Approvals(memory).approve([linear]);
    expect(await permissionOf(memory, connector)).toBe("changed");
  });

  it.each([1, "x", [], { a: 1 }, { a: { versions: [], facts: 1 } }])(
    "of an unknown form, %j, approves nothing",
    async (kept) => {
      const memory = await noted(github);
      await memory.update("lanyard.approvals.v2", kept);
      expect(await permissionOf(memory, github)).toBe("unapproved");
    },
  );
});
