import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { adapters } from "../../facade/src/adapters/registry.ts";
import type { FacadeAnswer } from "../../facade/src/core/answer.ts";
import {
  adapted,
  begin,
  connecting,
  json,
  returnTo,
  useStandIn,
  type Seen,
} from "./support/vendorStandIn.ts";

/** What of the SDKs is used here, as their own types have it. */
const agentcoreSdk = z.custom<{
  readonly BedrockAgentCoreClient: new (options: object) => { send(command: object): Promise<unknown> };
  readonly GetWorkloadAccessTokenForJWTCommand: new (input: object) => object;
  readonly GetResourceOauth2TokenCommand: new (input: object) => object;
  readonly CompleteResourceTokenAuthCommand: new (input: object) => object;
}>();
const auth0Sdk = z.custom<{
  readonly TokenVaultAuthorizerBase: new (
    client: object,
    parameters: object,
  ) => { protect(context: () => object, work: () => Promise<unknown>): () => Promise<unknown> };
  readonly getCredentialsFromTokenVault: () => unknown;
}>();
const auth0Stores = z.custom<{ readonly MemoryStore: new () => object }>();

/** A vendor's own SDK and the adapter send one stand-in the same, and make the same of what it answers. */
describe("Auth0's and AWS' SDKs", () => {
  const { standIn, sdk: packageOf } = useStandIn();
  const sentBy = (work: () => Promise<unknown>): Promise<readonly Seen[]> => standIn.sentBy(work);

  test("Auth0", async () => {
    const { TokenVaultAuthorizerBase, getCredentialsFromTokenVault } = auth0Sdk.parse(
      packageOf("@auth0/ai/TokenVault"),
    );
    const { MemoryStore } = auth0Stores.parse(packageOf("@auth0/ai/stores"));
    const authorizer = new TokenVaultAuthorizerBase(
      { domain: "acme.auth0.com", clientId: "us", clientSecret: "vault-secret" },
      {
        ...{ connection: "google-oauth2", scopes: ["files"], store: new MemoryStore() },
        accessToken: () => Promise.resolve("user-token"),
        subjectTokenType: "urn:ietf:params:oauth:token-type:access_token",
      },
    );
    const context = (): object => ({ threadID: crypto.randomUUID() });
    const work = authorizer.protect(context, () => Promise.resolve(getCredentialsFromTokenVault()));
    const [vault, target] = [
      { domain: standIn.url, clientId: "us", clientSecret: { variable: "X" } },
      { connection: "google-oauth2", scopes: ["files"] },
    ];
    // The SDK speaks to Auth0's own address alone: what would go there goes to the stand-in.
    const real = fetch;
    const atStandIn: typeof fetch = (input, init) =>
      real(typeof input === "string" ? input.replace("https://acme.auth0.com", standIn.url) : input, init);
    vi.stubGlobal("fetch", atStandIn);
    try {
      const granted = { access_token: "t", token_type: "Bearer", expires_in: 300, scope: "files drive" };
      standIn.answer = () => ({ status: 200, body: granted });
      let got: unknown;
      const theirs = await sentBy(async () => {
        got = await work();
      });
      let answer: FacadeAnswer | undefined;
      const ours = await sentBy(async () => {
        answer = await adapted("auth0-token-vault", vault, target);
      });
      expect([got, answer]).toMatchObject([
        { accessToken: "t" },
        { kind: "granted", token: "t", expiresInSeconds: 300 },
      ]);
      // The SDK writes JSON where the adapter writes a form: Auth0 takes both.
      const fieldsOf = ({ body }: Seen): unknown =>
        body.startsWith("{") ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
      const essence = (all: readonly Seen[]): unknown =>
        all.map((each) => [each.method, each.path, fieldsOf(each)]);
      expect(essence(ours)).toEqual(essence(theirs));

      const refusals: readonly [number, object][] = [
        [200, { ...granted, scope: "drive" }],
        [401, { error: "federated_connection_refresh_token_not_found" }],
        [401, { error: "federated_connection_refresh_token_flow_failed" }],
      ];
      for (const [status, body] of refusals) {
        standIn.answer = () => ({ status, body });
        await expect(work()).rejects.toMatchObject({ name: "AUTH0_AI_INTERRUPT" });
        expect(await adapted("auth0-token-vault", vault, target)).toMatchObject({ kind: "connect" });
      }
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("AgentCore", async () => {
    const sdk = agentcoreSdk.parse(packageOf("@aws-sdk/client-bedrock-agentcore"));
    const client = new sdk.BedrockAgentCoreClient({
      ...{ region: "eu-central-1", endpoint: standIn.url },
      credentials: { accessKeyId: "vault-secret", secretAccessKey: "vault-secret" },
    });
    const vault = {
      ...{ region: "eu-central-1", url: standIn.url, workload: "lanyard" },
      ...{ accessKeyId: { variable: "X" }, secretAccessKey: { variable: "X" } },
    };
    const target = { provider: "github", scopes: ["repo"] };
    const page = {
      authorizationUrl: "https://login.example.com/a",
      sessionUri: "urn:s",
      sessionStatus: "IN_PROGRESS",
    };
    const token = { accessToken: "t" };
    const scope = "/eu-central-1/bedrock-agentcore/aws4_request";
    const essence = (all: readonly Seen[]): unknown =>
      all.map((each) => [each.method, each.path, each.authorization?.includes(scope), json(each)]);
    for (const body of [token, page]) {
      standIn.answer = (path) => ({
        status: 200,
        body: path.endsWith("ForJWT") ? { workloadAccessToken: "w" } : body,
      });
      let got: unknown;
      const theirs = await sentBy(async () => {
        await client.send(
          new sdk.GetWorkloadAccessTokenForJWTCommand({ workloadName: "lanyard", userToken: "user-token" }),
        );
        got = await client.send(
          new sdk.GetResourceOauth2TokenCommand({
            ...{ workloadIdentityToken: "w", resourceCredentialProviderName: "github", scopes: ["repo"] },
            ...{ oauth2Flow: "USER_FEDERATION", resourceOauth2ReturnUrl: returnTo },
          }),
        );
      });
      let answer: FacadeAnswer | undefined;
      const ours = await sentBy(async () => {
        answer = await adapted("agentcore", vault, target);
      });
      expect(got).toMatchObject(body);
      expect(answer).toMatchObject(body === token ? { kind: "granted", token: "t" } : { kind: "connect" });
      expect(essence(ours)).toEqual(essence(theirs));
    }
    const begun = await begin("agentcore", vault, target);
    expect(begun).toMatchObject({ kind: "go", url: page.authorizationUrl });
    standIn.answer = () => ({ status: 200, body: {} });
    const theirs = await sentBy(() =>
      client.send(
        new sdk.CompleteResourceTokenAuthCommand({
          ...{ sessionUri: "urn:s", userIdentifier: { userToken: "page-id-token" } },
        }),
      ),
    );
    const keep = begun?.kind === "go" ? (begun.keep ?? {}) : {};
    const ours = await sentBy(async () => {
      const query = new URLSearchParams({ session_id: "urn:s" });
      const steps = adapters.agentcore.connector?.({ adapter: "agentcore", ...vault }, target);
      expect(await steps?.finish?.({ ...connecting, keep, query })).toEqual({ kind: "connected" });
    });
    expect(essence(ours)).toEqual(essence(theirs));
  });
});
