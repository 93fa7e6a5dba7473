import { describe, expect, it } from "vitest";
import { outcomeSentence } from "../../../../../src/core/mcp/report.ts";
import { McpClient } from "../../../../../src/core/mcp/client.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { english } from "../../../../../src/core/text.ts";
import { startTrace } from "../../../../../src/core/trace.ts";
import { systemClock } from "../../../../../src/node/clock.ts";
import { askOnce, sourcePorts } from "../../../../support/asks.ts";
import { serve, type VaultReply } from "../../../../support/vaults/server.ts";

type Headers = Readonly<Record<string, string>>;

const page = (status: number, text: string, headers: Headers = {}): VaultReply => ({
  ...{ status, text },
  headers: { "content-type": "text/html", ...headers },
});

/** Who stands before vaults and connectors and answers in their place, in words of our own. */
const pages: Readonly<Record<string, VaultReply>> = {
  "Cloudflare, plain text": page(403, "error code: 1020", {
    "content-type": "text/plain",
    server: "cloudflare",
  }),
  "Cloudflare, JSON": page(403, '{"cloudflare_error":true,"error_code":1010,"detail":"blocked"}', {
    ...{ "content-type": "application/json", server: "cloudflare" },
  }),
  "a load balancer": page(403, "<html><head><title>403 Forbidden</title></head></html>", {
    server: "awselb/2.0",
  }),
  "a company's filter": page(403, "<html><title>Blocked by your organisation</title></html>"),
  "a filter that calls its page JSON": page(403, "<html>Not allowed here</html>", {
    "content-type": "application/json",
  }),
  "a filter by law": page(451, "<html>Unavailable</html>"),
  "a request that a firewall dislikes": page(400, "<html>Request rejected. Support ID 17</html>"),
  "nginx, 405": page(405, "<html><center>nginx</center></html>", { server: "nginx" }),
  "an application firewall, 406": page(406, "<html>Not Acceptable!</html>", { server: "Apache" }),
  "a proxy that wants to know who asks": page(407, "<html>Proxy</html>", { "proxy-authenticate": "Basic" }),
  "a network's sign-in": page(511, "<html>Welcome to the hotel</html>"),
};

const refusals: Readonly<Record<string, VaultReply>> = {
  "in OAuth's words": { status: 403, text: '{"error":"access_denied","error_description":"Only finance"}' },
  "in JSON of its own": { status: 403, text: '{"message":"Only finance may read payroll"}' },
  "without words": { status: 403, text: "" },
};

const askVault = async (reply: VaultReply): ReturnType<typeof askOnce> => {
  const { origin } = await serve(() => reply);
  return askOnce({ source: "vault-lookup", url: `${origin}/v1` }, sourcePorts());
};

describe("before a vault", () => {
  it.each(Object.entries(pages))("%s blames nobody", async (_name, reply) => {
    const { grant } = await askVault(reply);
    expect(grant).toMatchObject({
      kind: "unavailable",
      reason: expect.stringMatching(/firewall|answered 5\d\d|proxy/) as string,
    });
  });

  it.each(Object.entries(refusals))("what the vault says itself is its refusal: %s", async (_name, reply) => {
    expect((await askVault(reply)).grant).toMatchObject({ kind: "denied", by: "policy" });
  });
});

describe("before a connector", () => {
  const said = async (reply: VaultReply): Promise<string> => {
    const { origin } = await serve(() => reply);
    const client = new McpClient(
      { url: origin, headers: { Authorization: new Secret("Bearer abcdefgh") }, trace: startTrace() },
      { fetch: (url, init) => fetch(url, init), clock: systemClock },
    );
    const result = await client.initialize(AbortSignal.timeout(8_000));
    if (result.kind === "ok") return "connected";
    return outcomeSentence({ kind: "failed", step: "initialize", failure: result }, english, 0);
  };

  it.each(Object.entries(pages).filter(([, { status }]) => status === 403))(
    "%s does not refuse the credential",
    async (_name, reply) => {
      expect(await said(reply)).toMatch(/firewall/);
    },
  );

  it.each(Object.entries(refusals))("what it says itself is its refusal: %s", async (_name, reply) => {
    expect(await said(reply)).toMatch(/refuses the credential/);
  });
});
