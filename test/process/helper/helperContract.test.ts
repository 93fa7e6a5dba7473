import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { issuers, oddName, twoLines, urlOf, userToken, vaultCredential } from "../acme.ts";
import { needs } from "../../support/needs.ts";
import { claude, headersOf, unsendable, ways, type Env } from "../contract.ts";
import { openHomes, type Homes } from "../homes.ts";
import { isWindows, run, type Ran } from "../support.ts";

vi.setConfig({ testTimeout: 20_000 });

let homes: Homes;
let home: string;

beforeAll(async () => {
  homes = await openHomes();
  ({ home } = homes);
});

afterAll(() => homes.close());

const secrets = [vaultCredential, userToken, "url-canary", "smuggled-canary"];

describe.each(Object.entries(ways))("%s", (_name, lanyard) => {
  const asClaude = (name: string, url?: string, more: Env = {}): Promise<Ran> =>
    lanyard(home, ["headers"], { ...claude(name, url), ...more });
  const asPerson = (name: string, url = urlOf(name), ...options: string[]): Promise<Ran> =>
    lanyard(home, ["headers", `--server=${name}`, `--url=${url}`, ...options], {
      LANYARD_DEADLINE_SECONDS: "3",
    });

  describe("a credential that is granted", () => {
    test.each([["ready"], [oddName], [twoLines], ["patient"]])(
      "%j gets headers that can be sent",
      async (name) => {
        const ran = await asClaude(name);
        expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
        expect([...new Headers(headersOf(ran.stdout))]).toEqual([["authorization", vaultCredential]]);
      },
    );

    test("a person gets the same", async () => {
      const ran = await asPerson("ready");
      expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
      expect(headersOf(ran.stdout)).toEqual({ Authorization: vaultCredential });
    });

    test("an environment of nothing but what Claude Code sets is enough", needs("posixShell"), async () => {
      const ran = await run([
        "/usr/bin/env",
        "-i",
        `CLAUDE_CODE_MCP_SERVER_NAME=ready`,
        `CLAUDE_CODE_MCP_SERVER_URL=${urlOf("ready")}`,
        join(home, "bin/lanyard"),
        "headers",
      ]);
      expect(headersOf(ran.stdout)).toEqual({ Authorization: vaultCredential });
    });

    test("a proxy for everything is not asked", async () => {
      const proxy = "http://127.0.0.1:9";
      const ran = await asClaude("ready", undefined, { http_proxy: proxy, ALL_PROXY: proxy });
      expect(headersOf(ran.stdout)).toEqual({ Authorization: vaultCredential });
    });
  });

  /** Connector, exit code for a person, and what both are told. */
  const refusals: readonly (readonly [string, number, string | RegExp])[] = [
    ["signedOut", 4, "The sign-in has expired"],
    ["needsConnection", 5, /authorized once.* Open https:\/\/vault\.example\.com\/connect\/notion$/],
    ["reauthenticate", 6, "A stronger sign-in is required"],
    ["stepUpPage", 6, /stronger sign-in.* Open https:\/\/idp\.example\.com\/step-up$/],
    ["push", 6, "Approve the request on your device (Allow $50,000, code 4711)"],
    ["pending", 7, "An approval is awaited"],
    ["denied", 8, "Denied by policy (Contractors may not)"],
    ["nastyReason", 8, "Denied by policy"],
    ["nastyUrl", 5, /authorized once\.$/],
    ["misconfigured", 9, "The vault does not know it"],
    ["noHeaders", 9, "empty object"],
    ["splitHeader", 9, "cannot be sent"],
    ["unsendableName", 9, "is not a header name"],
    ["untrusted", 9, "not trusted"],
    ["unapproved", 9, "waits for your approval"],
    ["changed", 9, "changed after it was approved"],
    ["scripted", 9, "called without it"],
    ["broken", 9, "The issuer is missing"],
    ["nobodysConnector", 9, "has a connector of this name"],
    ["unavailable", 10, "answered 503"],
    ["expired", 10, "already run out"],
    ["breaks", 10, "could not"],
  ];

  describe.concurrent.each(refusals)("%s", (name, exitCode, told) => {
    const matches = (text: string): void =>
      typeof told === "string" ? expect(text).toContain(told) : expect(text).toMatch(told);

    test("Claude Code reads why in a header that it cannot send", async () => {
      const ran = await asClaude(name, undefined, { LANYARD_DEADLINE_SECONDS: "3" });
      const text = unsendable(ran);
      matches(text);
      // Claude Code stars out the name.
      expect(text.startsWith("Lanyard sends nothing. ")).toBe(true);
      for (const secret of secrets) expect(ran.stdout).not.toContain(secret);
    });

    test(`a person reads why on stderr, and the exit code is ${exitCode}`, async () => {
      const ran = await asPerson(name);
      expect(ran).toMatchObject({ exitCode, stdout: "" });
      matches(ran.stderr.trimEnd());
      for (const secret of secrets) expect(ran.stderr).not.toContain(secret);
    });
  });

  test("another URL than the approved one gets nothing, and is told without what may be secret in it", async () => {
    const text = unsendable(await asClaude("ready", "https://evil.example.com/mcp?key=url-canary"));
    expect(text).toContain("approved with another URL than Claude Code has");
    expect(text).not.toMatch(/url-canary|example\.com/);
    const person = await asPerson("ready", "https://evil.example.com/mcp?key=url-canary");
    expect(person).toMatchObject({ exitCode: 9, stdout: "" });
    expect(person.stderr).toContain("approved for mcp.example.com/ready and not for evil.example.com/mcp");
    expect(person.stderr).not.toContain("url-canary");
  });

  test("a request without a URL gets nothing", async () => {
    expect(unsendable(await asClaude("ready", ""))).toContain("Name the connector");
    expect(await lanyard(home, ["headers"], {})).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("Claude Code's own word on who asks is not overruled by an option", async () => {
    const ran = await lanyard(
      home,
      ["headers", "--server=ready", `--url=${urlOf("ready")}`],
      claude("denied"),
    );
    expect(unsendable(ran)).toContain("Claude Code itself says which connector");
  });

  test("a person reads the trace ID of what was asked, to give to their administrators", async () => {
    expect((await asPerson("denied")).stderr).toMatch(/^lanyard: denied \(trace ID [0-9a-f]{32}\): Denied/);
    expect((await asPerson("unapproved")).stderr).toMatch(/^lanyard: unapproved: /);
  });

  test("with --json a refusal is one line for programs", async () => {
    const ran = await asPerson("needsConnection", undefined, "--json");
    expect(ran).toMatchObject({ exitCode: 5, stdout: "" });
    expect(JSON.parse(ran.stderr)).toMatchObject({
      exitCode: 5,
      kind: "needsConnection",
      url: "https://vault.example.com/connect/notion",
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });

  test("what is approved while the helper waits is granted in the same call", async () => {
    const ran = await asClaude("approvedMeanwhile");
    expect(headersOf(ran.stdout)).toEqual({ Authorization: vaultCredential });
  });

  test("a vault that never answers is given up before the deadline", async () => {
    const ran = await asClaude("stuck", undefined, { LANYARD_DEADLINE_SECONDS: "3" });
    expect(unsendable(ran)).toContain("took too long");
    // Node takes its time to start where each file is looked at by a virus scanner, or by Wine.
    expect(ran.tookMs).toBeLessThan(isWindows ? 8000 : 3000);
  });

  describe("calls that make no sense", () => {
    const calls: readonly (readonly [string, readonly string[]])[] = [
      ["no command", []],
      ["an unknown command", ["header"]],
      ["an unknown option", ["headers", "--nonsense"]],
      ["a stray word", ["headers", "ready"]],
      ["no script", ["headers", "--"]],
      ["--stdin without a script", ["headers", "--stdin"]],
    ];
    test.each(calls)("%s", async (_what, args) => {
      unsendable(await lanyard(home, args, claude("ready")));
      const ran = await lanyard(home, args, {});
      expect(ran).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ran.stderr).toMatch(/^lanyard: /);
    });
  });

  describe("token", () => {
    const token = (...options: string[]): Promise<Ran> => lanyard(home, ["token", ...options], {});

    test("is printed for an issuer of an approved connector", async () => {
      expect(await token(`--issuer=${issuers.signedIn}`)).toMatchObject({
        exitCode: 0,
        stdout: `${userToken}\n`,
      });
      expect(JSON.parse((await token(`--issuer=${issuers.signedIn}`, "--json")).stdout)).toEqual({
        issuer: issuers.signedIn,
        token: userToken,
      });
    });

    test("is printed for the connector that Claude Code asks for", async () => {
      const ran = await lanyard(home, ["token"], claude("ready"));
      expect(ran).toMatchObject({ exitCode: 0, stdout: `${userToken}\n` });
    });

    test.each([
      ["an issuer that no connector names", 9, ["--issuer=https://evil.example.com"]],
      ["an issuer where nobody is signed in", 4, [`--issuer=${issuers.signedOut}`]],
      ["one of several issuers", 9, []],
      ["an unapproved connector", 9, ["--server=unapproved", `--url=${urlOf("unapproved")}`]],
    ])("is refused for %s", async (_what, exitCode, options) => {
      expect(await token(...options)).toMatchObject({ exitCode, stdout: "" });
    });

    test("a refusal never looks like a token, whoever asks", async () => {
      const ran = await lanyard(home, ["token"], claude("signedOut"));
      expect(ran).toMatchObject({ exitCode: 4, stdout: "" });
    });
  });

  describe("status", () => {
    test("shows people and connectors, and no secret", async () => {
      const ran = await lanyard(home, ["status"], {});
      expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
      expect(ran.stdout).toContain("Signed in as alice@acme.example at https://idp.example.com.");
      expect(ran.stdout).toMatch(/^unapproved +The entry waits for your approval/m);
      for (const secret of secrets) expect(ran.stdout).not.toContain(secret);
    });

    test("--json has a row for each connector", async () => {
      const ran = await lanyard(home, ["status", "--json"], {});
      const { connectors } = JSON.parse(ran.stdout) as { connectors: { server: string; status: string }[] };
      const statusOf = (name: string): string | undefined =>
        connectors.find(({ server }) => server === name)?.status;
      expect(["untrusted", "unapproved", "broken"].map(statusOf)).toEqual([
        "untrusted",
        "unapproved",
        "misconfigured",
      ]);
      for (const secret of secrets) expect(ran.stdout).not.toContain(secret);
    });
  });
});
