import { expect } from "vitest";
import { claims, issuer, plainConfig, refuses, seconds, sign, World, type Over } from "./world.ts";

const place = { variable: "SECRET" };
export const auth0 = "https://acme.auth0.com";
const vaults = {
  auth0: { adapter: "auth0-token-vault", domain: auth0, clientId: "us", clientSecret: place },
  workos: { adapter: "workos-pipes", apiKey: place },
  nango: { adapter: "nango", secretKey: place },
};
const targets = {
  "https://drive": {
    ...{ vault: "auth0", connector: "drive" },
    ask: { connection: "google-oauth2", scopes: ["files"] },
  },
  "https://code": { vault: "workos", connector: "code", ask: { integration: "github" } },
  "https://chat": { vault: "nango", connector: "chat", ask: { integration: "slack" } },
};

/** A browser of one person: it keeps its cookie, and is signed in at the identity provider as them. */
export class Browser {
  cookie = "";
  accessToken = "page-token";
  /** Of the last sign-in. */
  idToken = "";
  readonly signedInAs: string;
  readonly world: World;

  constructor(world: World, signedInAs: string) {
    this.world = world;
    this.signedInAs = signedInAs;
  }

  async open(url: string): Promise<Response> {
    const { pathname, search } = new URL(url);
    const headers = this.cookie === "" ? {} : { cookie: this.cookie };
    const response = await this.world.app.request(`${pathname}${search}`, { headers });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(";")[0] ?? "";
    return response;
  }

  /** Up to the identity provider, which signs the person in and sends them back. @returns where to */
  async signIn(page: string, over: Over = {}): Promise<string> {
    const sent = new URL((await this.open(page)).headers.get("location") ?? "");
    const state = sent.searchParams.get("state") ?? "";
    const nonce = sent.searchParams.get("nonce");
    this.idToken = await sign({
      ...{ iss: issuer, sub: this.signedInAs, aud: "lanyard-facade", iat: seconds(), exp: seconds() + 60 },
      ...{ nonce, ...over },
    });
    this.world.vault(() =>
      Response.json({ access_token: this.accessToken, token_type: "Bearer", id_token: this.idToken }),
    );
    return `${sent.searchParams.get("redirect_uri") ?? ""}?code=c&state=${state}`;
  }
}

export const wordsOf = async (response: Response): Promise<readonly [number, string]> => [
  response.status,
  /<h1>.*<\/span> (.*)<\/h1>/.exec(await response.text())?.[1] ?? "",
];
export const over = [410, "This page is over"];
export const elsewhere = [400, "This did not begin here"];
export const notConnected = [400, "Your account is not connected"];

export const metadata = `${issuer}/.well-known/openid-configuration`;

export const worldOf = (over: Over = {}): World => {
  const world = new World(plainConfig({}, { vaults, targets, ...over }));
  const at = `${issuer}/protocol/openid-connect`;
  world.answer(metadata, () =>
    Response.json({
      ...{ issuer, jwks_uri: `${at}/certs`, token_endpoint: `${at}/token` },
      ...{ authorization_endpoint: `${at}/auth`, introspection_endpoint: `${at}/introspect` },
    }),
  );
  world.answer(`${auth0}/oauth/token`, () =>
    refuses(401, { error: "federated_connection_refresh_token_not_found" }),
  );
  world.answer(`${auth0}/me/v1/connected-accounts/connect`, () =>
    Response.json({
      ...{ connect_uri: `${auth0}/connected-accounts/start`, connect_params: { ticket: "t-1" } },
      ...{ auth_session: "session-9", expires_in: 300 },
    }),
  );
  world.answer(`${auth0}/me/v1/connected-accounts/complete`, () =>
    Response.json({ id: "cac_1" }, { status: 201 }),
  );
  world.answer("https://api.workos.com/data-integrations/github/token", () =>
    Response.json({ active: false, error: "not_installed" }),
  );
  world.answer("https://api.workos.com/data-integrations/github/authorize", () =>
    Response.json({ url: "https://api.workos.com/data-integrations/x/authorize-redirect" }),
  );
  world.answer("https://api.nango.dev/connections?endUserId=alice", () => Response.json({ connections: [] }));
  world.answer("https://api.nango.dev/connect/sessions", () =>
    Response.json({ data: { connect_link: "https://connect.nango.dev/?session_token=x" } }),
  );
  return world;
};

/** The page that an editor is sent to. */
export const pageAt = async (of: World, resource: string): Promise<string> => {
  const { body } = await of.ask(await sign(claims()), { form: { resource } });
  expect(body).toMatchObject({ error: "interaction_required", interval: 0 });
  return String(body["interaction_uri"]);
};
/** What Auth0's page brings the browser back with. */
export const broughtBack = (world: World, sent: string): string => {
  const { form, body } = world.to("/connect").at(-1) ?? { form: undefined, body: "" };
  expect(form).toBeDefined();
  const { state, redirect_uri: back } = Object.fromEntries(Object.entries(JSON.parse(body) as object));
  expect(sent).toBe(`${auth0}/connected-accounts/start?ticket=t-1`);
  return `${String(back)}?${new URLSearchParams({ connect_code: "cc", state: String(state) }).toString()}`;
};
