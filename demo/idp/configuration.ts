import { generateKeyPairSync, randomBytes } from "node:crypto";
import { errors, type Configuration, type JWK, type KoaContextWithOIDC } from "oidc-provider";
import { acrMfa, acrPassword } from "../acr.ts";
import { findUser } from "../company.ts";
import { loginPolicy } from "./acr.ts";
import { lanyardClient } from "./client.ts";
import { deviceFlowPages, logoutFlow, renderError } from "./views.ts";
import type { Store } from "./store.ts";

export interface IdpOptions {
  readonly issuer: string;
  readonly store: Store;
  readonly accessTokenSeconds: number;
  readonly isRevoked: (username: string) => boolean;
  /** True for an URI that a token may be asked for (RFC 8707). */
  readonly isResource: (uri: string) => boolean;
}

const day = 24 * 60 * 60;
const scopes = "openid profile email";

/** Acme's identity provider, as its administrators have set it up. */
export const idpConfiguration = (options: IdpOptions): Configuration => ({
  adapter: (model) => options.store.adapter(model),
  clients: [lanyardClient],
  acrValues: [acrPassword, acrMfa],
  scopes: ["openid", "profile", "email", "offline_access"],
  claims: {
    openid: ["sub", "acr", "auth_time"],
    profile: ["name", "preferred_username"],
    email: ["email", "email_verified"],
  },
  // The editor's Accounts menu can name the person without another request.
  conformIdTokenClaims: false,
  clockTolerance: 0,
  cookies: cookies(options.issuer),
  jwks: { keys: [signingKey()] },
  responseTypes: ["code"],
  pkce: { required: () => true },
  clientBasedCORS: () => false,
  findAccount: (_ctx, id) => account(id, options),
  interactions: { policy: loginPolicy(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: grantEverything,
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  // The editor stays signed in when the browser closes; an administrator's revocation ends both.
  expiresWithSession: () => false,
  extraTokenClaims: (ctx) => signInBehind(ctx),
  renderError,
  features: features(options),
  ttl: {
    AccessToken: options.accessTokenSeconds,
    AuthorizationCode: 60,
    DeviceCode: 600,
    Grant: 14 * day,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: 14 * day,
    Session: day,
  },
});

const features = (options: IdpOptions): NonNullable<Configuration["features"]> => ({
  devInteractions: { enabled: false },
  claimsParameter: { enabled: true },
  deviceFlow: { enabled: true, ...deviceFlowPages },
  dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
  pushedAuthorizationRequests: { enabled: true },
  resourceIndicators: {
    enabled: true,
    defaultResource: (_ctx, _client, oneOf) => oneOf ?? [],
    useGrantedResource: () => false,
    getResourceServerInfo: (_ctx, resource) => {
      if (!options.isResource(resource)) throw new errors.InvalidTarget();
      return {
        scope: scopes,
        audience: resource,
        accessTokenFormat: "opaque",
        accessTokenTTL: options.accessTokenSeconds,
      };
    },
  },
  revocation: {
    enabled: true,
    allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
  },
  rpInitiatedLogout: { enabled: true, ...logoutFlow },
});

/** Cookies know no ports: the name keeps two demos on one machine apart. */
const cookies = (issuer: string): NonNullable<Configuration["cookies"]> => {
  const { port } = new URL(issuer);
  return {
    keys: [randomBytes(32).toString("base64url")],
    names: {
      session: `acme_session_${port}`,
      interaction: `acme_interaction_${port}`,
      resume: `acme_resume_${port}`,
    },
    long: { httpOnly: true, sameSite: "lax", signed: true },
    short: { httpOnly: true, sameSite: "lax", signed: true },
  };
};

const signingKey = (): JWK => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kty: "EC", alg: "ES256", use: "sig" };
};

const account: (id: string, options: IdpOptions) => ReturnType<NonNullable<Configuration["findAccount"]>> = (
  id,
  { isRevoked },
) => {
  const user = findUser(id);
  if (user === undefined || isRevoked(id)) return undefined;
  const { username, name, email } = user;
  return {
    accountId: username,
    claims: () => ({ sub: username, name, preferred_username: username, email, email_verified: true }),
  };
};

/**
 * Acme's own client needs no consent. Each sign-in has a grant of its own, so that signing out of one
 * editor leaves the others signed in.
 */
const grantEverything: NonNullable<Configuration["loadExistingGrant"]> = async (ctx) => {
  const { provider, client, account: person, entities, requestParamOIDCScopes, resourceServers } = ctx.oidc;
  if (client === undefined || person === undefined) return undefined;
  const begun = entities.Interaction?.grantId;
  const earlier = begun === undefined ? undefined : await provider.Grant.find(begun);
  const grant =
    earlier?.accountId === person.accountId
      ? earlier
      : new provider.Grant({ accountId: person.accountId, clientId: client.clientId });
  grant.addOIDCScope([...requestParamOIDCScopes].join(" "));
  for (const resource of Object.keys(resourceServers ?? {})) grant.addResourceScope(resource, scopes);
  await grant.save();
  return grant;
};

/** How and when the person signed in, carried from the code to the first token and through every refresh. */
const signInBehind = (ctx: KoaContextWithOIDC): { acr?: string; auth_time?: number } => {
  const { AuthorizationCode, DeviceCode, RefreshToken } = ctx.oidc.entities;
  const source = AuthorizationCode ?? DeviceCode ?? RefreshToken;
  return {
    ...(source?.acr === undefined ? {} : { acr: source.acr }),
    ...(source?.authTime === undefined ? {} : { auth_time: source.authTime }),
  };
};
