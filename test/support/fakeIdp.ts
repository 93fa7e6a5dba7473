import type { SignInOutcome, SignInPorts, SignInRequest } from "../../src/core/identity/session.ts";
import type { IdentityService } from "../../src/core/identity/session.ts";
import type { Clock, Fetch } from "../../src/core/ports.ts";

export const fakeIssuer = "https://idp.example.com";

type Members = Readonly<Record<string, unknown>>;

/** What an identity provider does otherwise than the plain one; each is asked anew for each reply. */
export interface Quirks {
  readonly metadata?: Members;
  /** Members of a token reply, over the good ones; `undefined` takes one out. `n` counts the replies of that grant. */
  readonly reply?: (grant: string, n: number) => Members;
  /** Claims of its ID token, over the good ones. */
  readonly claims?: (grant: string, nowSeconds: number) => Members;
  /** Answers a renewal instead; nothing is rotated. */
  readonly refuse?: (n: number) => Response | undefined;
  /** Rotates, and then answers something else. Throws for a reply that is lost. */
  readonly garble?: (reply: Response, n: number) => Response | Promise<Response>;
  readonly userinfo?: (token: string) => Response | undefined;
  readonly accessTokenSeconds?: number;
  readonly rotates?: boolean;
}

export interface FakeIdp {
  readonly fetch: Fetch;
  /** Paths and forms, in order. */
  readonly asked: readonly { readonly path: string; readonly form: URLSearchParams }[];
  readonly renewals: () => number;
  readonly userinfos: () => number;
  readonly revoked: readonly string[];
  /** The authorization requests. */
  readonly authorized: readonly URLSearchParams[];
  /** What it takes at the next renewal; `undefined` once the sign-in is over there. */
  readonly refreshToken: () => string | undefined;
  readonly isLive: (accessToken: string) => boolean;
  /** Ends the sign-in, as an administrator does. */
  end(): void;
  quirks: Quirks;
}

/** An identity provider in memory: refresh tokens are good for one use, and one that comes again ends the sign-in. */
export const fakeIdp = (clock: Clock, quirks: Quirks = {}): FakeIdp => {
  const asked: { path: string; form: URLSearchParams }[] = [];
  const revoked: string[] = [];
  const authorized: URLSearchParams[] = [];
  const counts = new Map<string, number>();
  let serial = 0;
  let refreshToken: string | undefined;
  let accessToken: string | undefined;
  let endsAtMs = 0;
  const end = (): void => {
    refreshToken = undefined;
    accessToken = undefined;
  };
  const isLive = (token: string): boolean => token === accessToken && clock.now() < endsAtMs;

  const tokens = (grant: string, nonce: string | undefined): Response => {
    const n = (counts.get(grant) ?? 0) + 1;
    counts.set(grant, n);
    serial += 1;
    const life = self.quirks.accessTokenSeconds ?? 300;
    accessToken = `at-${serial}`;
    endsAtMs = clock.now() + life * 1000;
    const rotates = self.quirks.rotates ?? true;
    const nowSeconds = Math.floor(clock.now() / 1000);
    const claims = {
      ...{ iss: fakeIssuer, aud: "lanyard", sub: "alice", iat: nowSeconds, exp: nowSeconds + 3600 },
      ...{ preferred_username: "alice", ...(nonce === undefined ? {} : { nonce }) },
      ...self.quirks.claims?.(grant, nowSeconds),
    };
    const members: Record<string, unknown> = {
      ...{ access_token: accessToken, token_type: "Bearer", expires_in: life, id_token: idTokenOf(claims) },
      ...(rotates || grant !== "refresh_token" ? { refresh_token: `rt-${serial}` } : {}),
      ...self.quirks.reply?.(grant, n),
    };
    const given = members["refresh_token"];
    if (typeof given === "string" && given !== "") refreshToken = given;
    else if (grant !== "refresh_token") refreshToken = undefined;
    return Response.json(members);
  };

  const token = async (form: URLSearchParams): Promise<Response> => {
    const grant = form.get("grant_type") ?? "";
    if (grant !== "refresh_token") return tokens(grant, nonces.get(form.get("code") ?? ""));
    const n = self.renewals();
    const refusal = self.quirks.refuse?.(n);
    if (refusal !== undefined) return refusal;
    if (refreshToken === undefined || form.get("refresh_token") !== refreshToken) {
      end();
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    const reply = tokens(grant, undefined);
    return (await self.quirks.garble?.(reply, n)) ?? reply;
  };

  const nonces = new Map<string, string | undefined>();
  const userinfo = (token: string): Response =>
    self.quirks.userinfo?.(token) ??
    (isLive(token)
      ? Response.json({ sub: "alice", preferred_username: "alice" })
      : new Response(null, { status: 401 }));

  const answer = (path: string, form: URLSearchParams, headers: Headers): Response | Promise<Response> => {
    switch (path) {
      case "/.well-known/openid-configuration":
        return Response.json({ ...metadata, ...self.quirks.metadata });
      case "/token":
        return token(form);
      case "/userinfo":
        return userinfo((headers.get("authorization") ?? "").replace(/^Bearer /, ""));
      case "/revoke":
        revoked.push(form.get("token") ?? "");
        return new Response(null);
      default:
        return new Response(null, { status: 404 });
    }
  };

  const self: FakeIdp = {
    quirks,
    ...{ asked, revoked, authorized, end, isLive },
    refreshToken: () => refreshToken,
    renewals: () => asked.filter(({ form }) => form.get("grant_type") === "refresh_token").length,
    userinfos: () => asked.filter(({ path }) => path === "/userinfo").length,
    fetch: async (url, init) => {
      const { pathname } = new URL(url);
      const form = init?.body instanceof URLSearchParams ? init.body : new URLSearchParams();
      asked.push({ path: pathname, form });
      return answer(pathname, form, new Headers(init?.headers));
    },
  };
  browsers.set(self, (authorizationUrl) => {
    const { searchParams } = authorizationUrl;
    authorized.push(searchParams);
    const code = `code-${authorized.length}`;
    nonces.set(code, searchParams.get("nonce") ?? undefined);
    const back = new URL(searchParams.get("redirect_uri") ?? "");
    back.searchParams.set("state", searchParams.get("state") ?? "");
    back.searchParams.set("code", code);
    return back;
  });
  return self;
};

const browsers = new WeakMap<FakeIdp, (authorizationUrl: URL) => URL>();

const metadata = {
  issuer: fakeIssuer,
  authorization_endpoint: `${fakeIssuer}/authorize`,
  token_endpoint: `${fakeIssuer}/token`,
  userinfo_endpoint: `${fakeIssuer}/userinfo`,
  revocation_endpoint: `${fakeIssuer}/revoke`,
  jwks_uri: `${fakeIssuer}/jwks`,
  response_types_supported: ["code"],
  code_challenge_methods_supported: ["S256"],
  id_token_signing_alg_values_supported: ["RS256"],
};

/** An ID token in form; Lanyard relies on TLS, not on its signature (OpenID Connect Core, section 3.1.3.7, rule 6). */
export const idTokenOf = (claims: Members): string =>
  [{ alg: "RS256", kid: "k" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .concat("c2lnbmF0dXJl")
    .join(".");

export const needAtFake = (over: Partial<SignInRequest> = {}): SignInRequest => ({
  issuer: fakeIssuer,
  clientId: "lanyard",
  scopes: ["openid", "profile"],
  ...over,
});

/** A person whose browser comes back at once. */
export const personAt = (idp: FakeIdp): SignInPorts => {
  let arrive = (_url: URL): void => undefined;
  const arrived = new Promise<URL>((resolve) => (arrive = resolve));
  return {
    receivers: [
      () =>
        Promise.resolve({
          kind: "loopback",
          redirectUri: "http://127.0.0.1:1/callback",
          receive: () => arrived,
          conclude: () => undefined,
          dispose: () => Promise.resolve(),
        }),
    ],
    openBrowser: (url) => {
      const back = browsers.get(idp)?.(new URL(url));
      if (back !== undefined) arrive(back);
      return Promise.resolve(true);
    },
    showDeviceCode: () => ({ dispose: () => undefined }),
  };
};

export const signInAtFake = (
  identity: Pick<IdentityService, "signIn">,
  idp: FakeIdp,
  over: Partial<SignInRequest> = {},
): Promise<SignInOutcome> => identity.signIn(needAtFake(over), personAt(idp), new AbortController().signal);
