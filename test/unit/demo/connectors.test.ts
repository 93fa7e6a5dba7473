import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Acme } from "../../../demo/demo.ts";
import { connectorUrl, exchange, grantedSecret, signIn, start } from "./acme.ts";

let demo: Acme;
beforeAll(async () => {
  demo = await start();
});
afterAll(() => demo.close());

const withClient = async <T>(
  connector: string,
  secret: string,
  use: (client: Client) => Promise<T>,
): Promise<T> => {
  const client = new Client({ name: "test", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(connectorUrl(demo, connector)), {
    requestInit: { headers: { Authorization: `Bearer ${secret}` } },
  });
  await client.connect(transport);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
};

const credentialFor = async (connector: string, username = "alice", acr?: string): Promise<string> => {
  const { tokens } = await signIn(demo, username, acr === undefined ? {} : { acr_values: acr });
  return grantedSecret(await exchange(demo, tokens.access_token, connector));
};

const createOpportunity = (secret: string, amount: number): Promise<Response> =>
  fetch(connectorUrl(demo, "salesforce"), {
    method: "POST",
    headers: {
      authorization: `Bearer ${secret}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "create_opportunity", arguments: { name: "Globex", amount } },
    }),
  });

describe("a connector of Acme", () => {
  it.each(["salesforce", "github", "linear", "sentry"])(
    "%s tells a real MCP client as whom it sees the person",
    async (connector) => {
      const secret = await credentialFor(connector);
      await withClient(connector, secret, async (client) => {
        const { tools } = await client.listTools();
        expect(tools.map((tool) => tool.name)).toContain("whoami");
        expect(tools.length).toBeGreaterThan(1);
        const result = await client.callTool({ name: "whoami", arguments: {} });
        expect(result.content).toEqual([
          { type: "text", text: JSON.stringify({ user: "alice", connector }) },
        ]);
      });
    },
  );

  it("refuses whoever shows no credential, a made-up one, or one of another connector", async () => {
    const other = await credentialFor("github");
    const answers = await Promise.all(
      [{}, { authorization: "Bearer made-up" }, { authorization: `Bearer ${other}` }].map((headers) =>
        fetch(connectorUrl(demo, "linear"), { method: "POST", headers, body: "{}" }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
    expect(answers.map((answer) => answer.headers.get("www-authenticate"))).toEqual([
      "Bearer",
      expect.stringContaining('error="invalid_token"'),
      expect.stringContaining('error="invalid_token"'),
    ]);
  });
});

describe("create_opportunity", () => {
  it("creates a small one without more ado", async () => {
    const answer = await createOpportunity(await credentialFor("salesforce"), 25_000);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("$25,000");
  });

  it("challenges a large one when no fresh second factor stands behind the credential (RFC 9470)", async () => {
    const answer = await createOpportunity(await credentialFor("salesforce"), 50_000);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe(
      'Bearer error="insufficient_user_authentication", ' +
        'error_description="Opportunities over 25000 need a second factor from the last 5 minutes", ' +
        'acr_values="urn:acme:acr:mfa", max_age="300"',
    );
  });

  it("demands a push of the next exchange after a challenge", async () => {
    const { tokens } = await signIn(demo, "bob");
    const secret = grantedSecret(await exchange(demo, tokens.access_token, "salesforce"));
    await createOpportunity(secret, 50_000);
    const next = await exchange(demo, tokens.access_token, "salesforce");
    expect(next.status).toBe(400);
    expect(next.body).toMatchObject({
      error: "authorization_pending",
      interval: 1,
      expires_in: 120,
      binding_message: expect.stringMatching(/^Salesforce: allow for bob, code \d{4}$/) as unknown,
    });
  });

  it("creates a large one with a second factor from just now", async () => {
    const secret = await credentialFor("salesforce", "alice", "urn:acme:acr:mfa");
    const answer = await createOpportunity(secret, 50_000);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("$50,000");
  });
});
