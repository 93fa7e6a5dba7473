import { beforeEach, describe, expect, test } from "vitest";
import { smithyAuthorization } from "../../demo/aws/smithy.ts";
import {
  crm,
  claims,
  clientSecret,
  facadeUrl,
  refuses,
  sign,
  type Over,
  type Reached,
  type World,
} from "./support/world.ts";
import { Browser, notConnected, pageAt, wordsOf, worldOf } from "./support/connectWorld.ts";

/** AgentCore Identity, from its API reference and SDK; no live account was called. */
const place = { variable: "SECRET" };
const url = "https://bedrock-agentcore.eu-central-1.amazonaws.com/identities";
const session = "urn:ietf:params:oauth:request_uri:abc-123";
const authorizationUrl =
  "https://bedrock-agentcore.eu-central-1.amazonaws.com/identities/oauth2/authorize?r=1";
const vault = {
  ...{ adapter: "agentcore", region: "eu-central-1", workload: "lanyard" },
  ...{ accessKeyId: place, secretAccessKey: place, sessionToken: place },
};
const target = { provider: "github", scopes: ["repo"] };

let world: World;
beforeEach(() => {
  world = worldOf({
    vaults: { aws: vault },
    targets: { [crm]: { vault: "aws", ask: target, connector: "crm" } },
  });
  world.answer(`${url}/GetWorkloadAccessTokenForJWT`, () => Response.json({ workloadAccessToken: "w" }));
  world.answer(`${url}/oauth2/token`, () => Response.json({ accessToken: "t" }));
  world.answer(`${url}/CompleteResourceTokenAuth`, () => Response.json({}));
});

const jsonOf = (reached: Reached | undefined): unknown => JSON.parse(reached?.body ?? "");
const ask = async (): Promise<Over> => (await world.ask(await sign(claims()))).body;
const wantsConsent = (): void =>
  world.answer(`${url}/oauth2/token`, () =>
    Response.json({ authorizationUrl, sessionUri: session, sessionStatus: "IN_PROGRESS" }),
  );

describe("agentcore", () => {
  test("a token that the person has given is handed on", async () => {
    const token = await sign(claims());
    const { status, body } = await world.ask(token);
    expect([status, body]).toMatchObject([200, { access_token: "t", token_type: "Bearer" }]);
    expect(jsonOf(world.to("ForJWT")[0])).toEqual({ workloadName: "lanyard", userToken: token });
    expect(jsonOf(world.to("/oauth2/token")[0])).toEqual({
      ...{ workloadIdentityToken: "w", resourceCredentialProviderName: "github", scopes: ["repo"] },
      ...{ oauth2Flow: "USER_FEDERATION", resourceOauth2ReturnUrl: `${facadeUrl}/connect/done` },
    });
  });

  test("AWS' own signer agrees", async () => {
    await ask();
    const [reached] = world.to("/oauth2/token");
    const at = reached?.headers.get("x-amz-date") ?? "";
    const expected = await smithyAuthorization({
      ...{ method: "POST", url: new URL(`${url}/oauth2/token`), body: reached?.body ?? "" },
      headers: { "content-type": "application/json" },
      key: { accessKeyId: clientSecret, secretAccessKey: clientSecret, sessionToken: clientSecret },
      ...{ service: "bedrock-agentcore", region: "eu-central-1" },
      at: new Date(at.replace(/(....)(..)(..)T(..)(..)(..)Z/, "$1-$2-$3T$4:$5:$6Z")),
    });
    expect(reached?.headers.get("authorization")).toBe(expected);
  });

  const unavailable = { error: "temporarily_unavailable" };
  test.each<[string, number, Over, Over]>([
    ["ForJWT", 400, { message: "ValidationException" }, { error: "unauthorized_client" }],
    ["ForJWT", 401, { message: "UnauthorizedException" }, unavailable],
    ["ForJWT", 403, { message: "AccessDeniedException" }, unavailable],
    ["ForJWT", 404, { message: "ResourceNotFoundException" }, { error: "unauthorized_client" }],
    ["ForJWT", 429, { message: "ThrottlingException" }, unavailable],
    ["ForJWT", 500, { message: "InternalServerException" }, unavailable],
    ["token", 400, { message: "ValidationException" }, { error: "unauthorized_client" }],
    ["token", 403, { message: "AccessDeniedException" }, unavailable],
    ["token", 404, { message: "ResourceNotFoundException" }, { error: "unauthorized_client" }],
    ["token", 429, { message: "ThrottlingException" }, unavailable],
    ["token", 500, { message: "InternalServerException" }, unavailable],
    ["token", 200, {}, { error: "unauthorized_client" }],
    ["token", 200, { sessionStatus: "FAILED" }, { error: "unauthorized_client" }],
  ])("%s: %i %j", async (which, status, body, expected) => {
    const path = which === "token" ? "oauth2/token" : "GetWorkloadAccessTokenForJWT";
    world.answer(`${url}/${path}`, () => refuses(status, body));
    expect(await ask()).toMatchObject(expected);
  });

  test("who has not given one is sent to the page, which binds the session to them", async () => {
    wantsConsent();
    const browser = new Browser(world, "alice");
    const sent = await browser.open(await browser.signIn(await pageAt(world, crm)));
    expect(sent.headers.get("location")).toBe(authorizationUrl);
    const back = `${facadeUrl}/connect/done?session_id=${encodeURIComponent(session)}`;
    expect(await wordsOf(await browser.open(back))).toEqual([200, "Your account is connected"]);
    expect(jsonOf(world.to("/CompleteResourceTokenAuth")[0])).toEqual({
      ...{ sessionUri: session, userIdentifier: { userToken: browser.idToken } },
    });
    expect(jsonOf(world.to("ForJWT").at(-1))).toMatchObject({ userToken: browser.idToken });
  });

  test("another session is bound to nobody", async () => {
    wantsConsent();
    const browser = new Browser(world, "alice");
    await browser.open(await browser.signIn(await pageAt(world, crm)));
    const back = `${facadeUrl}/connect/done?session_id=urn:ietf:params:oauth:request_uri:of-mallory`;
    expect(await wordsOf(await browser.open(back))).toEqual(notConnected);
    expect(world.to("/CompleteResourceTokenAuth")).toEqual([]);
  });

  test("AWS that does not bind it is told", async () => {
    wantsConsent();
    world.answer(`${url}/CompleteResourceTokenAuth`, () => refuses(403, {}));
    const browser = new Browser(world, "alice");
    await browser.open(await browser.signIn(await pageAt(world, crm)));
    const back = `${facadeUrl}/connect/done?session_id=${encodeURIComponent(session)}`;
    expect(await wordsOf(await browser.open(back))).toEqual(notConnected);
  });

  test("who is connected by the time of the page has nothing to do there", async () => {
    wantsConsent();
    const browser = new Browser(world, "alice");
    const redirect = await browser.signIn(await pageAt(world, crm));
    world.answer(`${url}/oauth2/token`, () => Response.json({ accessToken: "t" }));
    expect(await wordsOf(await browser.open(redirect))).toEqual([200, "Your account is connected"]);
  });
});
