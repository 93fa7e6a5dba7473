import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../../src/core/config/connector.ts";
import { isForbidden } from "../../../../../src/core/connectors/permission/forbidden.ts";
import {
  forbiddenBy,
  isIssuerAllowed,
  readPolicy,
  requiredAcrOf,
  restricted,
  rules,
  type Authority,
  type Policy,
} from "../../../../../src/core/connectors/permission/policy.ts";
import { english } from "../../../../../src/core/text.ts";
import { brokenNamed, catalogueOf, connectorNamed } from "../../../../support/connectors.ts";

const policy = (values: Readonly<Record<string, unknown>>, by: Authority = "administrator"): Policy =>
  readPolicy(
    by,
    (rule) => values[rule],
    (rule) => `${by === "administrator" ? "lanyard.policy" : "lanyard.restrictions"}.${rule}`,
  );

const github = connectorNamed("github");
const lookup = connectorNamed("linear", {
  credential: { source: "vault-lookup", url: "https://vault.example.com/v1/{connector}" },
});
const sentry = connectorNamed("sentry", {
  credential: { source: "script" },
  helper: { kind: "script", command: "./headers.sh", stdin: false },
});
const withEvents = connectorNamed("notion", {
  userAuth: { ...github.userAuth, events: "https://events.example.com/feed" },
});

const say = (connector: Connector, ...policies: readonly Policy[]): readonly string[] =>
  forbiddenBy(connector, policies).map(({ template, args }) => english(template, ...args));

describe("a connector under a policy", () => {
  it.each<[string, Connector, Readonly<Record<string, unknown>>, RegExp | undefined]>([
    ["is free where nothing is set", github, {}, undefined],
    ["is free where the lists are empty", github, { allowedIssuers: [], allowedVaults: [] }, undefined],
    ["may send it anywhere where the lists are empty", lookup, { allowedVaults: [] }, undefined],
    ["is free where scripts are off and it has none", github, { teamScripts: false }, undefined],
    [
      "equals nothing by what is no URL",
      lookup,
      { allowedVaults: ["vault.example.com"] },
      /vault\.example\.com/,
    ],
    ["needs an issuer that is allowed", github, { allowedIssuers: ["https://idp.example.com"] }, undefined],
    [
      "is refused with another issuer, though it begin like an allowed one",
      github,
      { allowedIssuers: ["https://idp.example.com/", "https://idp.example.co"] },
      /administrator: the identity provider https:\/\/idp\.example\.com .* lanyard\.policy\.allowedIssuers/,
    ],
    ["may always send the token back to its issuer", github, { allowedVaults: ["https://v.org"] }, undefined],
    [
      "may send it to an allowed origin, whatever the path",
      lookup,
      { allowedVaults: ["https://vault.example.com"] },
      undefined,
    ],
    [
      "may send it to no other host",
      lookup,
      { allowedVaults: ["https://example.com", "https://vault.example.com:8443"] },
      /your access token would go to vault\.example\.com, which the setting lanyard\.policy\.allowedVaults/,
    ],
    [
      "may not let another host tell its events either",
      withEvents,
      { allowedVaults: ["https://vault.example.com"] },
      /events\.example\.com/,
    ],
    ["may have a script where scripts are on", sentry, { teamScripts: true }, undefined],
    ["may not have a script where they are off", sentry, { teamScripts: false }, /policy\.teamScripts/],
    [
      "is refused when a rule cannot be read",
      github,
      { allowedIssuers: "https://x" },
      /allowedIssuers is not/,
    ],
  ])("%s", (_what, connector, values, expected) => {
    const said = say(connector, policy(values));
    if (expected === undefined) expect(said).toEqual([]);
    else expect(said.join(" ")).toMatch(expected);
  });

  it.each<[Authority, string, Connector, Readonly<Record<string, unknown>>]>([
    [
      ...([
        "administrator",
        "the setting lanyard.policy.teamScripts is not written as it has to be.",
      ] as const),
      ...([sentry, { teamScripts: "yes" }] as const),
    ],
    [
      ...([
        "administrator",
        "no kind of sign-in satisfies the setting lanyard.policy.requiredAcr and this workspace.",
      ] as const),
      ...([github, { requiredAcr: ["mfa"] }] as const),
    ],
    [
      "administrator",
      "the setting lanyard.policy.teamScripts does not allow team scripts.",
      sentry,
      { teamScripts: false },
    ],
    [
      "workspace",
      "lanyard.restrictions.teamScripts is not written as it has to be.",
      sentry,
      { teamScripts: "yes" },
    ],
    [
      ...([
        "workspace",
        "the identity provider https://idp.example.com is not one that lanyard.restrictions.allowedIssuers allows here.",
      ] as const),
      ...([github, { allowedIssuers: ["https://b.example.com"] }] as const),
    ],
    [
      ...([
        "workspace",
        "your access token would go to vault.example.com, which lanyard.restrictions.allowedVaults does not allow here.",
      ] as const),
      ...([lookup, { allowedVaults: ["https://b.example.com"] }] as const),
    ],
    [
      "workspace",
      "lanyard.restrictions.teamScripts does not allow team scripts here.",
      sentry,
      { teamScripts: false },
    ],
  ])("says who forbids it, and by which setting: %s, %s", (by, reason, connector, values) => {
    const who = by === "administrator" ? "your administrator" : "the editor's settings";
    const others = "requiredAcr" in values ? [policy({ requiredAcr: ["pwd"] }, "workspace"), policy({})] : [];
    // The last that demands anything is the one that is named.
    const said = say(connector, ...others, policy(values, by));
    expect(said).toEqual([`Blocked by ${who}: ${reason}`]);
  });

  it("points at its entry, so that the tree and the file can show it", () => {
    const [issue] = forbiddenBy(github, [policy({ allowedIssuers: ["https://other.example.com"] })]);
    expect(issue).toMatchObject({
      code: "forbidden",
      severity: "error",
      place: github.place,
      connector: github.id,
    });
  });
});

describe("two policies", () => {
  const machine = policy({ allowedIssuers: ["https://idp.example.com", "https://b.example.com"] });

  it("hold together: the second can narrow", () => {
    const here = policy({ allowedIssuers: ["https://b.example.com"] }, "workspace");
    expect(say(github, machine, here).join()).toContain("lanyard.restrictions.allowedIssuers");
  });

  it("never widen: whatever the second says, nothing is allowed that the first forbids", () => {
    const value = fc.constantFrom(undefined, [], ["https://evil.example.com"], true, false, "text", 7);
    const record = fc.record(Object.fromEntries(rules.map((rule) => [rule, value])));
    const evil = { ...github, userAuth: { ...github.userAuth, issuer: "https://evil.example.com" } };
    fc.assert(
      fc.property(record, (values) => {
        expect(forbiddenBy(evil, [machine, policy(values, "workspace")])).not.toEqual([]);
      }),
    );
  });

  it("allow an issuer that both allow, and none that one of them leaves out", () => {
    const here = policy({ allowedIssuers: ["https://b.example.com", "https://c.example.com"] }, "workspace");
    const allowed = ["https://idp.example.com", "https://b.example.com", "https://c.example.com"].map(
      (issuer) => isIssuerAllowed(issuer, [machine, here, policy({})]),
    );
    expect(allowed).toEqual([false, true, false]);
  });

  it("demand a kind of sign-in that satisfies each of three", () => {
    const three = [["a", "b"], ["b", "a"], ["b"]].map((requiredAcr) => policy({ requiredAcr }));
    expect(requiredAcrOf(three)).toEqual(["b"]);
  });

  it("demand a kind of sign-in that satisfies both", () => {
    const both = [
      policy({ requiredAcr: ["mfa", "phr"] }),
      policy({ requiredAcr: ["phr", "x"] }, "workspace"),
    ];
    expect(requiredAcrOf(both)).toEqual(["phr"]);
    expect(requiredAcrOf([policy({})])).toBeUndefined();
    expect(say(github, ...both)).toEqual([]);
  });

  it("that no sign-in could satisfy forbid everything, and say why", () => {
    const both = [policy({ requiredAcr: ["mfa"] }), policy({ requiredAcr: ["pwd"] }, "workspace")];
    expect(forbiddenBy(github, both)).toMatchObject([{ code: "forbidden", severity: "error" }]);
    expect(say(github, ...both, policy({}))).toEqual([
      "Blocked by the editor's settings: no kind of sign-in satisfies lanyard.restrictions.requiredAcr and your administrator.",
    ]);
  });
});

describe("a catalogue under a policy", () => {
  const policies = [policy({ allowedIssuers: ["https://other.example.com"] })];

  it("has what is forbidden among the broken entries, where nothing is asked for it", () => {
    const result = restricted(catalogueOf([github], [brokenNamed("old")]), policies);
    expect(result.connectors).toEqual([]);
    expect(result.broken.map(({ name }) => name)).toEqual(["old", "github"]);
    expect(result.broken.map(isForbidden)).toEqual([false, true]);
    expect(result.issues).toMatchObject([{ code: "forbidden" }]);
  });

  it("keeps what is allowed beside it", () => {
    const other = connectorNamed("free", {
      userAuth: { ...github.userAuth, issuer: "https://other.example.com" },
    });
    const result = restricted(catalogueOf([github, other]), policies);
    expect(result.connectors).toEqual([other]);
    expect(result.broken.map(({ name }) => name)).toEqual(["github"]);
  });

  it("is itself where nothing is forbidden", () => {
    const catalogue = catalogueOf([github]);
    expect(restricted(catalogue, [policy({})])).toBe(catalogue);
  });
});

describe("the tools of a connector under a policy", () => {
  const bridged = connectorNamed("crm", { url: "https://mcp.example.com/mcp", helper: { kind: "bridge" } });
  const readOnly = { servers: ["https://mcp.example.com"], readOnly: true };

  it("are narrowed where it is the bridge that keeps the rules", () => {
    const policies = [policy({ tools: [readOnly, { deny: ["delete_*"] }] })];
    const { connectors, broken } = restricted(catalogueOf([bridged]), policies);
    expect(broken).toEqual([]);
    expect(connectors[0]?.narrowed).toEqual([
      { readOnly: true, by: "lanyard.policy.tools" },
      { deny: ["delete_*"], by: "lanyard.policy.tools" },
    ]);
  });

  it("forbid it where nobody keeps them", () => {
    expect(say(github, policy({ tools: [{ deny: ["delete_*"] }] })).join()).toMatch(
      /lanyard\.policy\.tools narrows the tools of .*, which only/,
    );
  });

  it.each([
    ["https://mcp.example.com./mcp", "bridge"],
    ["https://MCP.example.com.:443/mcp", "bridge"],
    ["wss://mcp.example.com/mcp", "lanyard"],
    ["WSS://mcp.example.com.:443/mcp", "lanyard"],
  ] as const)("are the same however an entry spells their place: %s", (url, kind) => {
    const { connectors, broken } = restricted(
      catalogueOf([connectorNamed("crm", { url, helper: { kind } })]),
      [policy({ tools: [readOnly] })],
    );
    expect(connectors.map(({ narrowed }) => narrowed?.length)).toEqual(kind === "bridge" ? [1] : []);
    expect(broken).toHaveLength(kind === "bridge" ? 0 : 1);
  });

  it("are free at other origins", () => {
    const catalogue = catalogueOf([
      connectorNamed("other", { url: "https://mcp.example.com:8443/mcp", helper: { kind: "bridge" } }),
      github,
    ]);
    expect(restricted(catalogue, [policy({ tools: [readOnly] })])).toBe(catalogue);
  });

  it.each([[{}], [[{ allow: [] }]], [[{ alow: ["x"] }]], [[{ deny: ["a b"] }]], ["delete_*"]])(
    "are all forbidden by a rule that cannot be read: %j",
    (tools) => {
      expect(say(bridged, policy({ tools })).join()).toContain("lanyard.policy.tools is not written");
    },
  );
});

it("an issuer that is not allowed is not asked for an old session either", () => {
  const policies = [policy({ allowedIssuers: ["https://idp.example.com"] })];
  expect(isIssuerAllowed("https://idp.example.com", policies)).toBe(true);
  expect(isIssuerAllowed("https://evil.example.com", policies)).toBe(false);
});
