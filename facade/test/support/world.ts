import { CompactSign, exportJWK, generateKeyPair, type JWK } from "jose";
import type { Hono } from "hono";
import { Secret } from "../../../src/core/secret.ts";
import { facadeApp } from "../../src/core/app.ts";
import type { AuditLine } from "../../src/core/audit.ts";
import { readFacadeConfig, type FacadeConfig } from "../../src/core/config/schema.ts";
import { facadeOf, stateOver, type Facade, type FacadePorts } from "../../src/core/facade.ts";
import { MemoryStore } from "../../src/core/state/memoryStore.ts";
import type { FacadeStore } from "../../src/core/state/store.ts";
import type { Clock } from "../../../src/core/ports.ts";
import { systemClock } from "../../../src/node/clock.ts";

export const issuer = "https://id.example.com/realms/acme";
export const crm = "https://mcp.crm.example.com/mcp";
export const facadeUrl = "https://vault.example.com";
export const clientSecret = "canary-facade-secret-51aa";

/** An `object` or `undefined` in the place of a default member. */
export type Over = Readonly<Record<string, unknown>>;

export const plainIdp = (): Over => ({
  ...{ issuer, clients: ["lanyard"], audience: "lanyard-facade", clientId: "lanyard-facade" },
  clientSecret: { variable: "FACADE_SECRET" },
});

/** What `facade.json` holds in the tests. */
export const plainConfig = (policy: Over = {}, over: Over = {}): Over => ({
  url: facadeUrl,
  identityProvider: plainIdp(),
  vaults: { keycloak: { adapter: "keycloak-exchange" } },
  targets: {
    [crm]: { vault: "keycloak", ask: { audience: "crm", scope: "crm" }, connector: "crm", policy },
  },
  ...over,
});

export const transmitter = "https://signals.example.com";

/** `facade.json` with a transmitter of shared signals, by whichever delivery. */
export const signalsConfig = (delivery: Over): Over =>
  plainConfig(
    {},
    {
      sharedSignals: {
        ...{ issuer: transmitter, jwksUri: `${issuer}/protocol/openid-connect/certs`, audience: "facade" },
        ...delivery,
      },
    },
  );

export const configOf = (plain: Over): FacadeConfig => {
  const read = readFacadeConfig(JSON.stringify(plain));
  if (read.kind === "issues") throw new Error(read.issues.join("\n"));
  return read.config;
};

/** One request as it reached the network. */
export interface Reached {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly form: URLSearchParams;
}

type Answer = (reached: Reached) => Response | Promise<Response>;

const keys = await generateKeyPair("RS256");
export const publicJwk: JWK = { ...(await exportJWK(keys.publicKey)), kid: "one", alg: "RS256" };

const signWith = (key: CryptoKey, payload: Over, header: Over): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "RS256", kid: "one", ...header })
    .sign(key);

export const sign = (payload: Over, header: Over = {}): Promise<string> =>
  signWith(keys.privateKey, payload, header);

/** Signed by a key that the issuer does not know, under the name of one that it does. */
export const forge = async (payload: Over): Promise<string> =>
  signWith((await generateKeyPair("RS256")).privateKey, payload, {});

export const seconds = (): number => Math.floor(Date.now() / 1000);

export const claims = (over: Over = {}): Over => ({
  ...{ iss: issuer, sub: "alice", aud: ["lanyard-facade", "account"], azp: "lanyard", sid: "session-1" },
  ...{ typ: "Bearer", iat: seconds() - 10, exp: seconds() + 300, auth_time: seconds() - 10, acr: "1" },
  ...{ jti: crypto.randomUUID(), realm_access: { roles: ["seller"] } },
  ...over,
});

/** A facade before an identity provider and vaults of the test's own, without a socket. */
export class World {
  readonly answers = new Map<string, Answer>();
  readonly reached: Reached[] = [];
  readonly audit: AuditLine[] = [];
  readonly faults: unknown[] = [];
  readonly facade: Facade;
  readonly app: Hono;
  isAlive = true;

  constructor(
    plain: Over = plainConfig(),
    clock: Clock = systemClock,
    store: FacadeStore = new MemoryStore(clock),
  ) {
    const at = `${issuer}/protocol/openid-connect`;
    this.answer(`${issuer}/.well-known/openid-configuration`, () =>
      Response.json({
        ...{ issuer, jwks_uri: `${at}/certs`, token_endpoint: `${at}/token` },
        ...{ introspection_endpoint: `${at}/introspect`, userinfo_endpoint: `${at}/userinfo` },
        backchannel_authentication_endpoint: `${at}/ciba`,
      }),
    );
    this.answer(`${at}/certs`, () => Response.json({ keys: [publicJwk] }));
    this.answer(`${at}/introspect`, () => Response.json({ active: this.isAlive }));
    const ports: FacadePorts = {
      clock,
      secret: () => Promise.resolve(new Secret(clientSecret)),
      audit: (line) => this.audit.push(line),
      fetch: this.fetch,
    };
    this.facade = facadeOf(configOf(plain), ports, stateOver(store, clock));
    this.app = facadeApp(
      () => this.facade,
      (error) => this.faults.push(error),
    );
  }

  /** The network, as far as there is one. */
  readonly fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const body = await request.text();
    const reached = { url, headers: request.headers, body, form: new URLSearchParams(body) };
    this.reached.push(reached);
    const answer = this.answers.get(url);
    if (answer === undefined) throw new TypeError(`Nothing answers at ${url}`);
    return answer(reached);
  };

  answer(url: string, answer: Answer): void {
    this.answers.set(url, answer);
  }

  /** What the identity provider's token endpoint answers: the vault of `keycloak-exchange`. */
  vault(answer: Answer): void {
    this.answer(`${issuer}/protocol/openid-connect/token`, answer);
  }

  to(path: string): readonly Reached[] {
    return this.reached.filter(({ url }) => url.endsWith(path));
  }

  async ask(
    token: string,
    { form = {}, headers = {} }: { readonly form?: Over; readonly headers?: Record<string, string> } = {},
  ): Promise<Asked> {
    const fields = {
      ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: "lanyard" },
      ...{ subject_token: token, subject_token_type: "urn:ietf:params:oauth:token-type:access_token" },
      ...{ resource: crm, ...form },
    };
    const pairs = Object.entries(fields).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    );
    return this.post("/token", new URLSearchParams(pairs).toString(), headers);
  }

  async post(path: string, body: string, headers: Record<string, string> = {}): Promise<Asked> {
    const init = { method: "POST", body, headers: { "content-type": formType, ...headers } };
    return asked(await this.app.request(path, init));
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Asked> {
    return asked(await this.app.request(path, { headers }));
  }
}

const formType = "application/x-www-form-urlencoded";

export interface Asked {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

const asked = async (response: Response): Promise<Asked> => {
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null) throw new Error("The reply is no object.");
  return {
    status: response.status,
    body: Object.fromEntries(Object.entries(body)),
    headers: response.headers,
  };
};

/** A vault that gives a token. */
export const grants = (more: Over = {}): Response =>
  Response.json({
    ...{ access_token: "vault-token", token_type: "Bearer", expires_in: 300 },
    ...{ issued_token_type: "urn:ietf:params:oauth:token-type:access_token", ...more },
  });

export const refuses = (status: number, body: Over, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers });

export const stsUrl = "https://sts.example.com/token";

/** A vault of RFC 8693 that is not the identity provider. */
export const stsConfig = (): Over => ({
  ...plainConfig(),
  vaults: { sts: { adapter: "oauth", endpoint: stsUrl, clientId: "us", clientSecret: { file: "x" } } },
  targets: { [crm]: { vault: "sts", ask: { resource: "urn:crm" } } },
});

export const withOauth = (): World => new World(stsConfig());

/** Before a vault that gives everybody a token. */
export const granting = (): World => {
  const world = new World();
  world.vault(() => grants());
  return world;
};
