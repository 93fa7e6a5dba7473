import { describe, expect, it } from "vitest";
import type { Finding, Verdict } from "../../../../src/core/doctor/finding.ts";
import {
  curlVersionIn,
  judgeAgent,
  judgeCurl,
  judgeDirectory,
  judgeEndpoint,
  judgeLauncher,
  judgeLeader,
  launcherVersionIn,
  type AgentFacts,
  type CurlFacts,
  type LauncherFacts,
} from "../../../../src/core/doctor/helper.ts";
import { issuerNotAsked } from "../../../../src/core/doctor/network.ts";
import { judgeProxy } from "../../../../src/core/doctor/proxy.ts";
import type { ProxyFacts } from "../../../../src/core/proxy.ts";
import {
  judgeApprovals,
  judgeSignIn,
  judgeStorage,
  type ApprovalFacts,
  type SignInFacts,
  type StorageFacts,
} from "../../../../src/core/doctor/signIn.ts";
import { english } from "../../../../src/core/text.ts";

/** Each finding in one line; a finding that is not ok has a remedy, and one that is has none. */
const told = (...findings: readonly Finding[]): readonly string[] =>
  findings.map(({ verdict, finding, remedy }) => {
    expect(remedy === undefined).toBe(verdict === "ok");
    return `${verdict}: ${finding}`;
  });

describe("the proxy", () => {
  const facts = (over: Partial<ProxyFacts>): ProxyFacts => ({
    ...{ support: "override", fetchSupport: true, systemCertificates: true },
    ...{ setting: "", environment: "", exceptions: [] },
    ...over,
  });

  it.each<[string, Partial<ProxyFacts>, string[]]>([
    ["is not set", {}, ["ok: None is set: requests go out as the system says."]],
    [
      "is set, and its password stays untold",
      { setting: "http://alice:hunter2hunter2@proxy.example.com:8080" },
      ["ok: Requests go by way of proxy.example.com:8080 (http.proxy)."],
    ],
    [
      "comes from the environment, with exceptions",
      { environment: "proxy.example.com:3128", exceptions: ["localhost", ".internal"] },
      [
        "ok: Requests go by way of proxy.example.com:3128 (the environment), but not to localhost, .internal.",
      ],
    ],
    [
      "is in the settings, which count before the environment",
      { setting: "http://a.example.com", environment: "http://b.example.com" },
      ["ok: Requests go by way of a.example.com (http.proxy)."],
    ],
    ["is no URL", { setting: "http://" }, ["ok: Requests go by way of (not a URL) (http.proxy)."]],
    [
      "is not used, by a setting",
      { support: "off", setting: "http://proxy.example.com" },
      ["warning: The proxy proxy.example.com is not used, because http.proxySupport is off."],
    ],
    [
      "is neither set nor wanted",
      { support: "off" },
      ["ok: None is set, and http.proxySupport is off: requests go out directly."],
    ],
    [
      "cannot be used, nor can the system's certificates",
      { fetchSupport: false },
      [expect.stringMatching(/^warning: http\.fetchAdditionalSupport is off/) as string],
    ],
    [
      "leaves the certificates of the system out",
      { systemCertificates: false },
      [
        "ok: None is set: requests go out as the system says.",
        "warning: http.systemCertificates is off: certificates in the system's store are not trusted.",
      ],
    ],
  ])("%s", (_what, over, expected) => {
    expect(told(...judgeProxy(facts(over), english))).toEqual(expected);
  });
});

describe("the sign-in", () => {
  const desktop = { ui: "desktop", remote: false, workbenchOnLoopback: false } as const;
  const facts = (over: Partial<SignInFacts>): SignInFacts => ({
    ...{ place: desktop, chosen: "auto", canListen: true, uriRedirect: "vscode://lanyard.lanyard/callback" },
    loopbackRedirects: ["http://127.0.0.1/callback"],
    issuers: [{ issuer: "https://idp.example.com", device: false }],
    ...over,
  });
  const remote = { ...desktop, remote: true };
  const web = { ...remote, ui: "web" } as const;

  it.each<[string, Partial<SignInFacts>, RegExp]>([
    [
      "on the desktop",
      {},
      /^ok: It comes back by a port of this machine\. Register this redirect at the identity provider: http:\/\/127\.0\.0\.1\/callback \(with any port\)\. Possible here: a port of this machine, the editor's address scheme\.$/,
    ],
    [
      "with a code, where one of the identity providers takes one",
      {
        issuers: [
          { issuer: "https://idp.example.com", device: false },
          { issuer: "https://other.example.com", device: true },
        ],
      },
      /Possible here: a port of this machine, the editor's address scheme, a code\.$/,
    ],
    ["with a code, where none answered", { issuers: [] }, /Possible here: .*, a code\.$/],
    [
      "with registered redirects, word for word",
      { loopbackRedirects: ["http://localhost:8123/cb", "http://[::1]/cb"] },
      /Register this redirect at the identity provider: http:\/\/localhost:8123\/cb, http:\/\/\[::1\]\/cb \(with any port\)\. /,
    ],
    [
      "working remotely",
      { place: remote },
      /^ok: It comes back by the editor's address scheme\. Register this redirect at the identity provider: vscode:\/\/lanyard\.lanyard\/callback\./,
    ],
    [
      "where no port can be opened",
      { canListen: false },
      /^warning: No port of this machine can be opened\. It comes back by the editor's address scheme/,
    ],
    [
      "in a browser on this machine",
      { place: { ...web, workbenchOnLoopback: true } },
      /^ok: It comes back by a port of this machine/,
    ],
    [
      "in a browser elsewhere, where the provider has no sign-in by code",
      { place: web },
      /^failed: Signing in at idp\.example\.com is not possible from here/,
    ],
    [
      "in a browser elsewhere, where it has",
      { place: web, issuers: [{ issuer: "https://idp.example.com", device: true }] },
      /^ok: Only a code is possible here/,
    ],
    [
      "in a browser elsewhere, where nobody was asked",
      { place: web, issuers: [] },
      /^ok: Only a code is possible here/,
    ],
    [
      "by a way that was chosen and does not work here",
      { place: web, chosen: "uriHandler" },
      /^warning: lanyard\.signIn\.method wants the editor's address scheme, which does not work here\. Possible: a code\.$/,
    ],
    [
      "by the way that was chosen",
      { chosen: "uriHandler" },
      /^ok: It comes back by the editor's address scheme/,
    ],
    [
      "by code, as chosen, where the provider has none",
      { chosen: "device" },
      /^failed: Signing in at idp\.example\.com/,
    ],
  ])("%s", (_where, over, expected) => {
    expect(told(...judgeSignIn(facts(over), english)).join()).toMatch(expected);
  });
});

describe("the secret storage", () => {
  it.each<[Partial<StorageFacts>, Verdict, RegExp]>([
    [{}, "ok", /on the machine of VS Code's window/],
    [{ where: "browser" }, "ok", /in this browser/],
    [{ hasLost: true }, "warning", /has lost a sign-in/],
    [{ probe: "refuses" }, "failed", /refuses/],
    [{ probe: "silent" }, "failed", /does not answer/],
    [{ probe: "forgets" }, "failed", /did not give it back/],
  ])("%j is %s", (over, verdict, words) => {
    const finding = judgeStorage({ probe: "works", hasLost: false, where: "desktop", ...over }, english);
    expect(told(finding).join()).toMatch(words);
    expect(finding.verdict).toBe(verdict);
  });
});

describe("the approvals", () => {
  const none: ApprovalFacts = { approved: 0, unapproved: 0, untrusted: 0, forbidden: 0, broken: 0 };
  it.each<[Partial<ApprovalFacts>, string[]]>([
    [{}, ["ok: No connector here uses Lanyard."]],
    [{ approved: 8 }, ["ok: All connectors are approved: 8."]],
    [{ approved: 7, unapproved: 1 }, ["warning: Connectors that wait for your approval: 1."]],
    [
      { untrusted: 8, forbidden: 1, broken: 2 },
      [
        "warning: Connectors in a folder that is not trusted: 8.",
        "warning: Connectors that a policy forbids: 1. Nothing was asked for them.",
        "warning: Entries with a mistake: 2.",
      ],
    ],
  ])("%j", (over, expected) => {
    expect(told(...judgeApprovals({ ...none, ...over }, english))).toEqual(expected);
  });
});

describe("an identity provider that may not be asked", () => {
  it.each([
    ["unapproved", "warning: idp.example.com was not asked: none of its connectors is approved yet."],
    ["untrusted", "warning: idp.example.com was not asked: the folder that names it is not trusted."],
  ] as const)("for it is %s", (why, expected) => {
    expect(told(issuerNotAsked("https://idp.example.com/tenant", why, english))).toEqual([expected]);
  });
});

describe("the agent", () => {
  const here: AgentFacts = { kind: "answers", version: "0.1.0", pid: 7, speaksOurs: true };
  it.each<[string, AgentFacts, number | undefined, RegExp]>([
    ["is this window", here, 7, /^ok: This window answers helpers: version 0\.1\.0, process 7\.$/],
    ["is another window", here, 8, /^ok: Another window answers helpers/],
    ["is seen from a shell", here, undefined, /^ok: version 0\.1\.0 answers, process 7\.$/],
    ["speaks otherwise", { ...here, speaksOurs: false }, 8, /^failed: Another window/],
    ["is not there", { kind: "silent", why: "absent" }, 7, /^failed: Nobody listens\.$/],
    ["hangs", { kind: "silent", why: "timedOut" }, undefined, /^failed: It does not answer in time\.$/],
    ["is something else", { kind: "silent", why: "stranger" }, 7, /^failed: Something else answers\.$/],
  ])("%s", (_what, facts, own, expected) => {
    expect(told(judgeAgent(facts, own, english)).join()).toMatch(expected);
  });

  it("in another window whose storage fails is told, and nothing else that is that window's own", () => {
    const silent = judgeStorage({ probe: "silent", hasLost: false, where: "desktop" }, english);
    const well = judgeStorage({ probe: "works", hasLost: false, where: "desktop" }, english);
    const other = issuerNotAsked("https://idp.example.com/tenant", "untrusted", english);
    expect(told(...judgeLeader([other, silent, well], english))).toEqual([
      "failed: In the window that answers helpers: It does not answer, so nothing is handed out.",
    ]);
  });
});

describe("the launcher", () => {
  const file = "/home/alice/.lanyard/bin/lanyard";
  const present: LauncherFacts & { kind: "present" } = {
    kind: "present",
    file,
    version: "0.1.0",
    hasHelper: true,
    trial: "runs",
  };
  it.each<[string, LauncherFacts, Verdict]>([
    ["is current", present, "ok"],
    ["is of another version", { ...present, version: "0.0.9" }, "warning"],
    ["does not say its version", { kind: "present", file, hasHelper: true, trial: "runs" }, "warning"],
    ["was not tried", { ...present, trial: "unknown" }, "ok"],
    ["lies where no program may run", { ...present, trial: "forbidden" }, "failed"],
    ["does not start", { ...present, trial: "failed" }, "failed"],
    ["lacks its program", { ...present, hasHelper: false }, "failed"],
    ["starts an app that is moved at each start", { ...present, isTranslocated: true }, "warning"],
    ["is missing", { kind: "missing", file }, "failed"],
    ["cannot be run", { kind: "notExecutable", file }, "failed"],
  ])("%s", (_what, facts, verdict) => {
    const finding = judgeLauncher(facts, "0.1.0", english);
    told(finding);
    expect(finding.verdict).toBe(verdict);
  });

  it("is not compared where nobody says which version runs", () => {
    expect(judgeLauncher(present, undefined, english).verdict).toBe("ok");
  });

  it.each([
    ["#!/bin/sh\n# The lanyard command, version 0.1.0-dev.1. The Lanyard extension", "0.1.0-dev.1"],
    ["@echo off\r\nrem The lanyard command, version 0.1.0. The Lanyard extension", "0.1.0"],
    ["#!/bin/sh\necho mine", undefined],
  ])("says its version: %j", (text, expected) => {
    expect(launcherVersionIn(text)).toBe(expected);
  });
});

describe("the files beside it", () => {
  it.each(["fine", "absent", "unsafe"] as const)("endpoint file: %s", (state) => {
    const finding = judgeEndpoint({ file: "/run/endpoint", state }, undefined, english);
    told(finding);
    expect(finding.verdict).toBe(state === "fine" ? "ok" : "failed");
  });

  it.each(["fine", "absent", "open"] as const)("private directory: %s", (state) => {
    const finding = judgeDirectory({ directory: "/run", state }, undefined, english);
    told(finding);
    expect(finding.verdict).toBe(state === "fine" ? "ok" : "failed");
  });
});

describe("curl", () => {
  const file = "/usr/bin/curl";
  it.each<[CurlFacts, Verdict]>([
    [{ needed: false }, "ok"],
    [{ needed: true }, "warning"],
    [{ needed: true, file }, "warning"],
    [{ needed: true, file, version: "8.5.0" }, "ok"],
    [{ needed: true, file, version: "7.40.0" }, "ok"],
    [{ needed: true, file, version: "7.39.0" }, "warning"],
    [{ needed: true, file, version: "6.99.0" }, "warning"],
  ])("%j is %s", (facts, verdict) => {
    const finding = judgeCurl(facts, english);
    told(finding);
    expect(finding.verdict).toBe(verdict);
  });

  it.each([
    ["curl 8.5.0 (x86_64-pc-linux-gnu) libcurl/8.5.0", "8.5.0"],
    ["curl: try --help", undefined],
    ["", undefined],
  ])("says its version: %j", (text, expected) => {
    expect(curlVersionIn(text)).toBe(expected);
  });
});
