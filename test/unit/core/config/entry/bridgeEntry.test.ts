import { describe, expect, it } from "vitest";
import {
  bridgeCommand,
  isBridge,
  shownCommand,
} from "../../../../../src/core/config/command/bridgeCommand.ts";
import { approvalHash } from "../../../../../src/core/connectors/permission/approval.ts";
import { agreementOf } from "../../../../../src/core/review/agreement.ts";
import { file, github, guard, read, shown } from "../support.ts";

const { userAuth } = github;
const url = "https://mcp.github.example/mcp";
const bridged = {
  ...bridgeCommand("github"),
  userAuth: { url, ...userAuth },
  headers: guard,
};

const issuesOf = (entry: unknown): readonly string[] => {
  const text = file({ github: entry });
  return shown(text, read(text).issues);
};

describe("an entry that clients start", () => {
  it("is a connector at the URL in userAuth, whose command is approved with it", () => {
    const { connectors, issues } = read(file({ github: bridged }));
    expect(issues).toEqual([]);
    expect(connectors).toMatchObject([
      {
        name: "github",
        transport: "http",
        url,
        userAuth: { issuer: "https://idp.example.com", clientId: "lanyard", scopes: ["openid", "profile"] },
        credential: { source: "token-exchange", resource: url },
        helper: { kind: "bridge" },
        helperCommand: 'sh -c "exec \\"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard\\" bridge github"',
      },
    ]);
    expect(connectors[0]?.userAuth).not.toHaveProperty("url");
  });

  it("is approved with the environment that its file gives it: a proxy there could read what it sends", async () => {
    const env = { HTTPS_PROXY: "http://proxy.example:8080", NODE_EXTRA_CA_CERTS: "./my ca.pem" };
    const [plain] = read(file({ github: { ...bridged, env: {} } })).connectors;
    const [proxied] = read(file({ github: { ...bridged, env } })).connectors;
    if (plain === undefined || proxied === undefined) throw new Error("There is no connector.");
    expect(proxied.helper).toEqual({ kind: "bridge" });
    expect(await approvalHash(proxied)).not.toBe(await approvalHash(plain));
    expect(agreementOf(proxied).facts.command).toBe(
      `HTTPS_PROXY=http://proxy.example:8080 "NODE_EXTRA_CA_CERTS=./my ca.pem" ${String(plain.helperCommand)}`,
    );
    const [known] = read(file({ github: bridged })).connectors;
    expect(known && (await approvalHash(known))).toBe(await approvalHash(plain));
  });

  it("may say for how long a credential is used again", () => {
    const entry = { ...bridged, userAuth: { ...bridged.userAuth, reuseSeconds: 0 } };
    expect(read(file({ github: entry })).connectors[0]?.userAuth.reuseSeconds).toBe(0);
  });

  it.each([
    [
      "without its URL",
      { ...bridged, userAuth },
      [/^error missing at "userAuth": "userAuth.url" is missing/],
    ],
    [
      "with a URL beside the command",
      { ...bridged, url },
      [/^error contradiction at "https:\/\/mcp\.github\.example\/mcp": .* must not have "url" beside it/],
    ],
    [
      "that starts something else",
      { ...bridged, command: "npx", args: ["mcp-remote", url] },
      [/^warning helperMissing at "npx": .* Write: sh -c .*bridge github/],
    ],
    [
      "with an environment that is none",
      { ...bridged, env: { HTTPS_PROXY: 1 } },
      [/^error wrongType at 1: "env\.HTTPS_PROXY" has to be/],
    ],
    [
      "that starts the bridge of another",
      { ...bridged, ...bridgeCommand("gitlab") },
      [/^warning helperMissing at "sh"/],
    ],
    ["without the guard", { ...bridged, headers: {} }, [/^warning guardMissing at \{\}/]],
    [
      "that would use a credential again for too long",
      { ...bridged, userAuth: { ...bridged.userAuth, reuseSeconds: 3600 } },
      [/^error wrongType at 3600: "userAuth.reuseSeconds" has to be at most 60/],
    ],
    [
      "with rules that no tool could be under",
      { ...bridged, userAuth: { ...bridged.userAuth, tools: { allow: [], deny: ["a b"], alow: ["x"] } } },
      [/unknown|alow/, /^error .*userAuth\.tools\.allow/, /^error .*userAuth\.tools\.deny\[0\]/],
    ],
    [
      "that starts something else, with rules that nobody keeps",
      { ...bridged, ...bridgeCommand("gitlab"), userAuth: { ...bridged.userAuth, tools: { deny: ["x"] } } },
      [/^warning helperMissing/, /^error contradiction at .*: Only lanyard bridge keeps the rules/s],
    ],
    [
      "with a URL that no credential goes to",
      { ...bridged, userAuth: { ...bridged.userAuth, url: "http://mcp.example.com" } },
      [/^error insecureUrl at "http:\/\/mcp\.example\.com": "userAuth.url" begins with http/],
    ],
    [
      "that names a role of AWS which is none",
      { ...bridged, userAuth: { ...bridged.userAuth, credential: { source: "aws-sts", role: "developer" } } },
      [/^error wrongType at "developer": /],
    ],
  ])("%s is told", (_what, entry, expected) => {
    const found = issuesOf(entry);
    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  });
});

describe("a source that signs each request", () => {
  const credential = { source: "aws-sts", role: "arn:aws:iam::123456789012:role/developer" };
  const signing = { ...userAuth, credential };

  it("is a bridge's", () => {
    const { connectors, issues } = read(file({ github: { ...bridged, userAuth: { ...signing, url } } }));
    expect(issues).toEqual([]);
    expect(connectors).toMatchObject([{ credential, helper: { kind: "bridge" } }]);
  });

  it.each([
    ["by headersHelper", { headersHelper: "lanyard headers", type: "http", url, headers: guard }],
    ["by a script", { headersHelper: "lanyard headers -- ./own.sh", type: "http", url, headers: guard }],
    ["by nobody", { type: "http", url, headers: guard }],
  ])("is refused in words where it is asked %s", (_how, entry) => {
    const text = file({ github: { ...entry, userAuth: signing } });
    const { connectors, broken } = read(text);
    expect(connectors).toEqual([]);
    expect(broken).toHaveLength(1);
    expect(shown(text, read(text).issues)).toContainEqual(
      expect.stringMatching(
        /^error contradiction at "aws-sts": The credential source "aws-sts" signs each request, .*bridge github/,
      ),
    );
  });
});

describe("the command of a bridge", () => {
  const name = "github";
  const line = 'exec "${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" bridge github';
  it.each([
    ["sh", ["-c", line]],
    ["/bin/sh", ["-c", line.replace("exec ", "")]],
    ["bash", ["-c", "lanyard bridge 'github'"]],
    ["/home/ada/.lanyard/bin/lanyard", ["bridge", name]],
    ["C:\\Users\\ada\\.lanyard\\bin\\lanyard.cmd", ["bridge", name]],
    ["cmd", ["/c", "%USERPROFILE%\\.lanyard\\bin\\lanyard.cmd", "bridge", name]],
  ])("is %s %j", (command, args) => {
    expect(isBridge({ command, args }, name)).toBe(true);
  });

  it.each([
    ["sh", ["-c", `${line}; curl https://evil.example`]],
    ["sh", ["-c", `curl evil | ${line}`]],
    ["sh", ["-c", line, "more"]],
    ["sh", ["-c", "lanyard headers"]],
    ["sh", ["-c", "lanyard bridge"]],
    ["sh", ["-c", "lanyard bridge $(id)"]],
    ["lanyard", ["bridge", name, "--url=https://evil.example"]],
    ["evil-lanyard", ["bridge", name]],
    ["node", ["lanyard", "bridge", name]],
  ])("is not %s %j", (command, args) => {
    expect(isBridge({ command, args }, name)).toBe(false);
  });

  it.each([["github"], ["my server"], ["it's"], ["$HOME"], ["a;b"]])("holds for a server named %j", (odd) => {
    expect(isBridge(bridgeCommand(odd), odd)).toBe(true);
    expect(isBridge(bridgeCommand(odd, "cmd"), odd)).toBe(true);
  });

  it("is shown so that no word looks like two", () => {
    expect(shownCommand({ command: "a b", args: ["c", 'd"'] })).toBe('"a b" c "d\\""');
  });
});
