import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Acme } from "../../../demo/demo.ts";
import { writeWorkspace } from "../../../demo/workspace.ts";
import { bridgeCommand } from "../../../src/core/config/command/bridgeCommand.ts";
import { guardSentence } from "../../../src/core/config/entry/headerValue.ts";
import { parseFile } from "../../../src/core/config/parse.ts";
import { connectorUrl, put, signIn, start } from "./acme.ts";
import { isWindows } from "../../support/needs.ts";

const run = promisify(execFile);

let demo: Acme;
let folder: string;
beforeAll(async () => {
  demo = await start();
  folder = await mkdtemp(join(tmpdir(), "acme-"));
  await writeWorkspace(demo, folder);
});
afterAll(async () => {
  await demo.close();
  await rm(folder, { recursive: true });
});

interface McpJson {
  readonly mcpServers: Readonly<
    Record<
      string,
      {
        readonly url: string;
        readonly headersHelper: string;
        readonly userAuth: { readonly credential?: { readonly source: string } };
      }
    >
  >;
}

describe("the demo workspace", () => {
  it("has entries in which nothing is amiss, and of whose variable VS Code does not warn", async () => {
    const file = join(folder, ".mcp.json");
    const text = await readFile(file, "utf8");
    const reading = parseFile({ text, origin: { kind: "workspace", file, folder }, env: () => undefined });
    expect(reading.issues).toEqual([]);
    expect(text).not.toContain("${LANYARD_HOME:-$HOME/.lanyard}");
  });

  it("names eight connectors, each with its sign-in and its helper", async () => {
    const { mcpServers } = JSON.parse(await readFile(join(folder, ".mcp.json"), "utf8")) as McpJson;
    expect(Object.keys(mcpServers)).toEqual(demo.connectors.map(({ name }) => name));
    expect(mcpServers["github"]).toEqual({
      type: "http",
      url: connectorUrl(demo, "github"),
      userAuth: {
        issuer: demo.idp,
        clientId: "lanyard",
        scopes: "openid profile email",
        events: `${demo.vault}/events`,
        credential: {
          source: "vault-lookup",
          url: `${demo.vault}/v1/lookup/{connector}`,
          credential: "/credential",
        },
      },
      headers: { Authorization: guardSentence },
      headersHelper: [
        '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers',
        String.raw`"${windowsHome}\bin\lanyard" headers`,
      ].join(" || "),
    });
    expect(mcpServers["sentry"]).toEqual({
      type: "http",
      url: connectorUrl(demo, "sentry"),
      userAuth: {
        issuer: demo.idp,
        clientId: "lanyard",
        scopes: "openid profile email",
        events: `${demo.vault}/events`,
      },
      headers: { Authorization: guardSentence },
      headersHelper: [
        '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers -- ./scripts/get-sentry-headers.sh',
        String.raw`"${windowsHome}\bin\lanyard" headers -- scripts\get-sentry-headers.cmd`,
      ].join(" || "),
    });
  });

  it("has every client start the bridge for the one that wants its requests signed", async () => {
    const { mcpServers } = JSON.parse(await readFile(join(folder, ".mcp.json"), "utf8")) as McpJson;
    expect(mcpServers["platform"]).toEqual({
      ...(isWindows
        ? { command: "cmd", args: ["/d", "/c", String.raw`%LANYARD_HOME%\bin\lanyard`, "bridge", "platform"] }
        : bridgeCommand("platform")),
      userAuth: {
        url: connectorUrl(demo, "platform"),
        issuer: demo.idp,
        clientId: "lanyard",
        scopes: "openid profile email",
        events: `${demo.vault}/events`,
        credential: {
          source: "aws-sts",
          role: "arn:aws:iam::123456789012:role/platform",
          region: "eu-central-1",
          service: "bedrock-agentcore",
          endpoint: `${demo.vault}/sts`,
          subjectToken: "access_token",
        },
      },
      headers: { Authorization: guardSentence },
    });
  });

  it("uses six ways to a credential between its connectors", async () => {
    const { mcpServers } = JSON.parse(await readFile(join(folder, ".mcp.json"), "utf8")) as McpJson;
    const sources = Object.values(mcpServers).map(({ userAuth }) => userAuth.credential?.source ?? "script");
    expect([...new Set(sources)].sort()).toEqual([
      "api-key",
      "aws-sts",
      "custom",
      "script",
      "token-exchange",
      "vault-lookup",
    ]);
  });

  it("tells a newcomer whom to sign in as, and where the phone is", async () => {
    const text = await readFile(join(folder, "README.md"), "utf8");
    for (const needed of ["Lanyard: Sign In", "alice", "424242", demo.phone, demo.admin]) {
      expect(text).toContain(needed);
    }
  });
});

const windowsHome = isWindows ? "%LANYARD_HOME%" : String.raw`%USERPROFILE%\.lanyard`;

/** On Windows cmd.exe starts Node by its name. */
const scripts: Readonly<Record<string, readonly [string, ...string[]]>> = isWindows
  ? { "get-sentry-headers.cmd": ["cmd.exe", "/d", "/c", String.raw`scripts\get-sentry-headers.cmd`] }
  : {
      "get-sentry-headers.sh": ["./scripts/get-sentry-headers.sh"],
      "get-sentry-headers.mjs": [process.execPath, "scripts/get-sentry-headers.mjs"],
    };

describe.each(Object.entries(scripts))("the team's script %s", (_name, [program, ...args]) => {
  const script = (token: string, cwd = folder): Promise<{ stdout: string; stderr: string }> =>
    run(program, args, {
      cwd,
      env: {
        ...(isWindows ? process.env : {}),
        PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        CLAUDE_CODE_MCP_USER_TOKEN: token,
      },
    });

  it("prints headers that Sentry accepts", async () => {
    await put(demo, "sentry", { state: "allow" });
    const { tokens } = await signIn(demo);
    const headers = JSON.parse((await script(tokens.access_token)).stdout) as Record<string, string>;
    const answer = await fetch(connectorUrl(demo, "sentry"), {
      method: "POST",
      headers: {
        ...headers,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    expect(await answer.text()).toContain("list_errors");
  });

  it("tells an outage as an outage, and not as a refusal", async () => {
    const elsewhere = join(folder, "elsewhere");
    await writeWorkspace({ ...demo, vault: "http://127.0.0.1:9" }, elsewhere);
    const outage = { error: "temporarily_unavailable", error_description: "The vault cannot be reached." };
    await expect(script("token", elsewhere)).rejects.toMatchObject({
      code: 1,
      stderr: `${JSON.stringify(outage)}\n`,
    });
  });

  it("fails with the vault's reason on stderr, and prints nothing", async () => {
    await put(demo, "sentry", { state: "deny", reason: "Only for the web team." });
    const { tokens } = await signIn(demo);
    await expect(script(tokens.access_token)).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("Only for the web team.") as unknown,
    });
  });

  it("fails without a token", async () => {
    await expect(script("")).rejects.toMatchObject({ stdout: "" });
  });
});
