import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { ConnectBegun } from "../../facade/src/adapters/adapter.ts";
import type { FacadeAnswer } from "../../facade/src/core/answer.ts";
import { adapted, begin, json, returnTo, useStandIn, type Seen } from "./support/vendorStandIn.ts";

/** What of the SDKs is used here, as their own types have it. */
const workosSdk = z.custom<{
  readonly WorkOS: new (
    key: string,
    options: object,
  ) => {
    readonly pipes: {
      getAccessToken(options: object): Promise<unknown>;
      authorizeDataIntegration(options: object): Promise<unknown>;
    };
  };
}>();
const nangoSdk = z.custom<{
  readonly Nango: new (options: object) => {
    listConnections(options: object): Promise<unknown>;
    getToken(integration: string, connection: string): Promise<unknown>;
    createConnectSession(options: object): Promise<unknown>;
  };
}>();
const msalSdk = z.custom<{
  readonly ConfidentialClientApplication: new (options: object) => {
    acquireTokenOnBehalfOf(options: object): Promise<unknown>;
  };
}>();

/** A vendor's own SDK and the adapter send one stand-in the same, and make the same of what it answers. */
describe("vendors' SDKs", () => {
  const { standIn, sdk: packageOf } = useStandIn();
  const sentBy = (work: () => Promise<unknown>): Promise<readonly Seen[]> => standIn.sentBy(work);

  const essenceOf = (all: readonly Seen[]): unknown =>
    all.map((each) => [each.method, each.path, each.authorization, json(each)]);

  test("WorkOS", async () => {
    const { WorkOS } = workosSdk.parse(packageOf("@workos-inc/node"));
    const sdk = new WorkOS("vault-secret", { apiHostname: "127.0.0.1", https: false, port: standIn.port });
    const token = {
      object: "access_token",
      access_token: "t",
      expires_at: null,
      scopes: [],
      missing_scopes: [],
    };
    standIn.answer = () => ({ status: 200, body: { active: true, access_token: token } });
    let got: unknown;
    const theirs = await sentBy(async () => {
      got = await sdk.pipes.getAccessToken({ provider: "github", userId: "alice" });
    });
    let answer: FacadeAnswer | undefined;
    const ours = await sentBy(async () => {
      answer = await adapted(
        "workos-pipes",
        { url: standIn.url, apiKey: { variable: "X" } },
        { integration: "github" },
      );
    });
    expect(got).toMatchObject({ active: true, accessToken: { accessToken: "t" } });
    expect(answer).toMatchObject({ kind: "granted", token: "t" });
    expect(essenceOf(ours)).toEqual(essenceOf(theirs));
  });

  test("WorkOS, for who is not connected", async () => {
    const { WorkOS } = workosSdk.parse(packageOf("@workos-inc/node"));
    const sdk = new WorkOS("vault-secret", { apiHostname: "127.0.0.1", https: false, port: standIn.port });
    const url = "https://api.workos.com/data-integrations/x/authorize-redirect";
    standIn.answer = () => ({ status: 201, body: { url } });
    let got: unknown;
    const theirs = await sentBy(async () => {
      got = await sdk.pipes.authorizeDataIntegration({
        ...{ slug: "github", userId: "alice", organizationId: "org_1", returnTo },
      });
    });
    const vault = { url: standIn.url, apiKey: { variable: "X" } };
    const who = { user_id: "alice", organization_id: "org_1" };
    let begun: ConnectBegun | undefined;
    const ours = await sentBy(async () => {
      begun = await begin("workos-pipes", vault, { integration: "github" }, who);
    });
    expect([got, begun]).toMatchObject([{ url }, { kind: "go", url }]);
    expect(essenceOf(ours)).toEqual(essenceOf(theirs));
  });

  test("Nango", async () => {
    const { Nango } = nangoSdk.parse(packageOf("@nangohq/node"));
    const sdk = new Nango({ host: standIn.url, secretKey: "vault-secret" });
    const connection = { connection_id: "c1", provider_config_key: "github", end_user: { id: "alice" } };
    standIn.answer = (path) => ({
      status: 200,
      body: path.startsWith("/connections?")
        ? { connections: [connection] }
        : { ...connection, credentials: { type: "OAUTH2", access_token: "t", raw: {} } },
    });
    const got: unknown[] = [];
    const theirs = await sentBy(async () => {
      got.push(await sdk.listConnections({ userId: "alice" }), await sdk.getToken("github", "c1"));
    });
    let answer: FacadeAnswer | undefined;
    const vault = { url: standIn.url, secretKey: { variable: "X" } };
    const ours = await sentBy(async () => {
      answer = await adapted("nango", vault, { integration: "github" });
    });
    expect(got).toMatchObject([{ connections: [connection] }, "t"]);
    expect(answer).toMatchObject({ kind: "granted", token: "t" });
    const essence = (all: readonly Seen[]): unknown =>
      all.map(({ method, path, authorization }) => {
        const { pathname, searchParams } = new URL(path, standIn.url);
        const named = ["endUserId", "provider_config_key"].map((name) => searchParams.get(name));
        return [method, pathname, named, authorization];
      });
    expect(essence(ours)).toEqual(essence(theirs));
  });

  test("Nango, for who is not connected", async () => {
    const { Nango } = nangoSdk.parse(packageOf("@nangohq/node"));
    const sdk = new Nango({ host: standIn.url, secretKey: "vault-secret" });
    const link = "https://connect.nango.dev/?session_token=x";
    standIn.answer = (path) => ({
      status: 200,
      body: path.startsWith("/connections?")
        ? { connections: [] }
        : { data: { token: "x", connect_link: link } },
    });
    const theirs = await sentBy(() =>
      sdk.createConnectSession({ end_user: { id: "alice" }, allowed_integrations: ["github"] }),
    );
    const vault = { url: standIn.url, secretKey: { variable: "X" } };
    const target = { integration: "github" };
    expect(await adapted("nango", vault, target)).toMatchObject({ kind: "connect" });
    let begun: ConnectBegun | undefined;
    const ours = await sentBy(async () => {
      begun = await begin("nango", vault, target);
    });
    expect(begun).toEqual({ kind: "go", url: link });
    expect(essenceOf(ours)).toEqual(essenceOf(theirs));
  });

  test("Entra", async () => {
    const { ConfidentialClientApplication } = msalSdk.parse(packageOf("@azure/msal-node"));
    const authority = "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111";
    const post = async (_url: string, { body }: { readonly body: string }): Promise<object> => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const response = await fetch(`${standIn.url}/token`, { method: "POST", headers, body });
      const read: unknown = await response.json();
      return { status: response.status, headers: {}, body: read };
    };
    const application = new ConfidentialClientApplication({
      auth: {
        ...{ clientId: "us", clientSecret: "vault-secret", authority },
        knownAuthorities: ["login.microsoftonline.com"],
        authorityMetadata: JSON.stringify({
          ...{ issuer: `${authority}/v2.0`, jwks_uri: `${authority}/keys` },
          ...{
            token_endpoint: `${authority}/oauth2/v2.0/token`,
            authorization_endpoint: `${authority}/authorize`,
          },
        }),
        cloudDiscoveryMetadata: JSON.stringify({
          metadata: [
            {
              ...{ preferred_network: "login.microsoftonline.com", preferred_cache: "login.windows.net" },
              aliases: ["login.microsoftonline.com"],
            },
          ],
        }),
      },
      // Entra's own address cannot be reached from here: what would go there goes to the stand-in.
      system: { networkClient: { sendGetRequestAsync: post, sendPostRequestAsync: post } },
    });
    const scope = "https://graph.example.com/.default";
    const vault = { tokenEndpoint: `${standIn.url}/token`, clientId: "us", clientSecret: { variable: "X" } };
    const essence = (all: readonly Seen[]): unknown =>
      all.map(({ method, path, body }) => {
        const form = new URLSearchParams(body);
        const names = ["grant_type", "client_id", "client_secret", "assertion", "requested_token_use"];
        return [method, path, form.get("scope")?.split(" ")[0], ...names.map((name) => form.get(name))];
      });

    standIn.answer = () => ({
      status: 200,
      body: { access_token: "t", token_type: "Bearer", expires_in: 300 },
    });
    const ask = { oboAssertion: "user-token", scopes: [scope], skipCache: true };
    let got: unknown;
    const theirs = await sentBy(async () => {
      got = await application.acquireTokenOnBehalfOf(ask);
    });
    let answer: FacadeAnswer | undefined;
    const ours = await sentBy(async () => {
      answer = await adapted("entra-obo", vault, { scope });
    });
    expect(got).toMatchObject({ accessToken: "t" });
    expect(answer).toMatchObject({ kind: "granted", token: "t", expiresInSeconds: 300 });
    expect(essence(ours)).toEqual(essence(theirs));

    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const body = {
      error: "interaction_required",
      error_description: "AADSTS50079",
      claims,
      suberror: "basic_action",
    };
    standIn.answer = () => ({ status: 400, body });
    await expect(application.acquireTokenOnBehalfOf(ask)).rejects.toMatchObject({ claims });
    expect(await adapted("entra-obo", vault, { scope })).toMatchObject({ kind: "stepUp", claims });
  });
});
