/** The demo company behind the bridge: a connector that wants each request signed, and one that speaks MCP 2026-07-28. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bridgeCommand } from "../../../src/core/config/command/bridgeCommand.ts";
import { welcome } from "../../../scripts/support/welcome.ts";
import { openAcmeWindow, type AcmeWindow } from "../../support/acmeWindow.ts";
import { BridgeClient, textIn, type Reply } from "./client.ts";
import { run } from "../support.ts";
import { ModernClient } from "./eraStage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

interface Entry {
  readonly url: string;
  readonly userAuth: object;
}

/** GitHub too, by the bridge. */
const bridgeToGithub = async (workspace: string): Promise<void> => {
  const file = join(workspace, ".mcp.json");
  const { mcpServers } = JSON.parse(await readFile(file, "utf8")) as { mcpServers: Record<string, Entry> };
  const { url = "", userAuth = {} } = mcpServers["github"] ?? {};
  const github = { ...bridgeCommand("github"), userAuth: { ...userAuth, url } };
  await writeFile(file, JSON.stringify({ mcpServers: { ...mcpServers, github } }));
};

let acme: AcmeWindow;
const clients: BridgeClient[] = [];
beforeAll(async () => {
  acme = await openAcmeWindow({ prepare: bridgeToGithub });
});
afterAll(async () => {
  for (const client of clients) client.child.kill("SIGKILL");
  await acme[Symbol.asyncDispose]();
});

const started = <C extends BridgeClient>(client: C): C => {
  clients.push(client);
  return client;
};
const older = async (name: string): Promise<BridgeClient> => {
  const client = started(new BridgeClient(acme.home, name, { cwd: acme.workspace }));
  await client.begin();
  return client;
};
const toolsOf = ({ result }: Reply): readonly string[] => (result?.tools ?? []).map(({ name }) => name);
const strangers = async (name: string): Promise<number> =>
  (await acme.audit(name)).filter(({ policy }) => policy === "credential-check").length;
const urlOf = (name: string): string => acme.demo.connectors.find((each) => each.name === name)?.url ?? "";

describe("platform, each of whose requests is signed", () => {
  test("lists and calls, and no signature is refused", async () => {
    const client = await older("platform");
    expect(toolsOf(await client.ask("tools/list"))).toEqual(["whoami", "list_services"]);
    expect(textIn(await client.call("whoami"))).toBe('{"user":"alice","connector":"platform"}');
    expect(await strangers("platform")).toBe(0);
  });

  test("does by hand what is printed for whoever starts the demo", async () => {
    const [, typed = ""] =
      /By hand.*\n([^]*?)\n\n/.exec(
        welcome({ ...acme.demo, editor: "", workspace: acme.workspace, lanyardHome: acme.home }),
      ) ?? [];
    const env = { PATH: process.env["PATH"] ?? "", LANYARD_HOME: acme.home };
    const { stdout } = await run(["/bin/sh", "-c", typed], { env, cwd: acme.workspace });
    const [, listed = ""] = stdout.split("\n");
    expect(toolsOf(JSON.parse(listed) as Reply)).toEqual(["whoami", "list_services"]);
  });

  test.each([
    ["nothing", {}, "MissingAuthenticationTokenException"],
    ["a bearer token", { authorization: "Bearer made-up" }, "MissingAuthenticationTokenException"],
    [
      "a signature by a key that nobody gave",
      {
        authorization: `AWS4-HMAC-SHA256 Credential=ASIA1/20261130/eu-central-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
      },
      "UnrecognizedClientException",
    ],
  ])("takes none with %s", async (_what, headers, error) => {
    const answer = await fetch(urlOf("platform"), { method: "POST", headers, body: "{}" });
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([403, error]);
  });

  test("is not for headersHelper, and nothing is given to who asks for headers", async () => {
    const before = await strangers("platform");
    const { stdout } = await acme.helper("platform", { CLAUDE_CODE_MCP_SERVER_URL: urlOf("platform") });
    expect(stdout).not.toContain("acme_platform");
    expect(await strangers("platform")).toBe(before);
  });

  test("is out of reach once the person is revoked", async () => {
    const client = await older("platform");
    await acme.setRevoked(true);
    await vi.waitFor(async () => expect((await client.call("whoami")).result?.["isError"]).not.toBe(false));
    const answer = await client.call("whoami");
    expect(textIn(answer)).not.toContain("alice");
    await acme.setRevoked(false);
    await acme.signIn();
  });
});

describe("github, which speaks MCP 2026-07-28 as well", () => {
  test("is discovered, lists and calls in the words of its client", async () => {
    const client = started(new ModernClient(acme.home, "github", { cwd: acme.workspace }));
    await client.up();
    const { result } = await client.ask("server/discover");
    expect(result?.["supportedVersions"]).toContain("2026-07-28");
    const listed = await client.ask("tools/list");
    expect(toolsOf(listed)).toEqual(["whoami", "list_pull_requests"]);
    expect(listed.result).toMatchObject({ resultType: "complete", cacheScope: "private" });
    expect(textIn(await client.call("list_pull_requests", { query: "418" }))).toContain("acme/web#418");
    expect(await strangers("github")).toBe(0);
  });

  test("and in those of an older one", async () => {
    const client = await older("github");
    expect(toolsOf(await client.ask("tools/list"))).toEqual(["whoami", "list_pull_requests"]);
    expect(textIn(await client.call("whoami"))).toBe('{"user":"alice","connector":"github"}');
  });
});
