import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import type { Keycloak } from "./keycloak.ts";

/** The realm that plays the provider whose tokens Keycloak stores. */
export const upstreamRealm = "upstream";

const realm = "acme";
const alias = "upstream";
/** So long does a token of the provider live, for tests of what comes then. */
const briefSeconds = 4;

const people = [
  ["alice", "Alice", "Ames"],
  ["bob", "Bob", "Birch"],
] as const;

const named = z.looseObject({ id: z.string(), name: z.string() });

/** What administrators do about the stored token, the account and its roles. */
export interface Brokered {
  letRead(): Promise<void>;
  keepFromReading(): Promise<void>;
  /** Resolves once the provider's last token is over. */
  untilOver(): Promise<void>;
  /** The provider ends the person's session, and with it the grant. */
  endUpstream(): Promise<void>;
  /** Settings of the provider at the realm that brokers it. */
  change(change: object): Promise<void>;
  unlink(): Promise<void>;
  /** Links the account as an administrator does: without a token. */
  linkWithoutToken(): Promise<void>;
  /** From now on the provider gives no refresh tokens; and bob, who may read his token here once he was here, has an account there. */
  withoutRefreshTokens(): Promise<void>;
  letBobRead(): Promise<void>;
  logOutBob(): Promise<void>;
  disablePerson(): Promise<void>;
}

/** A realm that brokers another, which rotates refresh tokens; and what its administrators may do. */
export const brokered = async ({ admin, base }: Keycloak, lifeSeconds = briefSeconds): Promise<Brokered> => {
  await admin.call("POST", "/realms", {
    ...{ realm: upstreamRealm, enabled: true, revokeRefreshToken: true, refreshTokenMaxReuse: 0 },
    accessTokenLifespan: lifeSeconds,
  });
  const secret = "broker-secret";
  await admin.call("POST", `/realms/${upstreamRealm}/clients`, {
    ...{ clientId: "acme-broker", secret, standardFlowEnabled: true },
    redirectUris: [`${base}/realms/${realm}/broker/${alias}/endpoint`],
  });
  for (const [username, firstName, lastName] of people) {
    await admin.call("POST", `/realms/${upstreamRealm}/users`, {
      ...{ username, firstName, lastName, enabled: true },
      ...{ email: `${username}@upstream.example`, emailVerified: true },
      credentials: [{ type: "password", value: `${username}-password`, temporary: false }],
    });
  }
  const openId = `${base}/realms/${upstreamRealm}/protocol/openid-connect`;
  const provider = {
    ...{ alias, providerId: "oidc", enabled: true, storeToken: true, trustEmail: true },
    config: {
      ...{ clientId: "acme-broker", clientSecret: secret, clientAuthMethod: "client_secret_post" },
      ...{
        authorizationUrl: `${openId}/auth`,
        tokenUrl: `${openId}/token`,
        defaultScope: "openid profile email",
      },
      ...{
        userInfoUrl: `${openId}/userinfo`,
        jwksUrl: `${openId}/certs`,
        issuer: `${base}/realms/${upstreamRealm}`,
      },
      ...{ useJwksUrl: "true", validateSignature: "true" },
    },
  };
  await admin.call("POST", `/realms/${realm}/identity-provider/instances`, provider);
  // The user of the same name that other tests sign in as is in the way of the one that comes through the provider.
  const other = await admin.idOf(`/realms/${realm}/users?username=alice&exact=true`);
  await admin.call("DELETE", `/realms/${realm}/users/${other}`);

  const userId = (name = "alice", at = realm): Promise<string> =>
    admin.idOf(`/realms/${at}/users?username=${name}&exact=true`);
  const readToken = async (): Promise<{ broker: string; role: z.infer<typeof named> }> => {
    const broker = await admin.idOf(`/realms/${realm}/clients?clientId=broker`);
    const role = named.parse(await admin.call("GET", `/realms/${realm}/clients/${broker}/roles/read-token`));
    return { broker, role };
  };
  const mapReading = async (method: "POST" | "DELETE", name = "alice"): Promise<void> => {
    const { broker, role } = await readToken();
    const mappings = `/realms/${realm}/users/${await userId(name)}/role-mappings/clients/${broker}`;
    await admin.call(method, mappings, [role]);
  };
  return {
    letRead: () => mapReading("POST"),
    keepFromReading: () => mapReading("DELETE"),
    untilOver: () => pause((lifeSeconds + 1) * 1000),
    endUpstream: async () => {
      const id = await admin.idOf(`/realms/${upstreamRealm}/users?username=alice`);
      await admin.call("POST", `/realms/${upstreamRealm}/users/${id}/logout`);
    },
    change: async (change) => {
      await admin.call("PUT", `/realms/${realm}/identity-provider/instances/${alias}`, {
        ...provider,
        ...change,
      });
    },
    disablePerson: async () => {
      const path = `/realms/${realm}/users/${await userId()}`;
      const user = z.looseObject({}).parse(await admin.call("GET", path));
      await admin.call("PUT", path, { ...user, enabled: false });
    },
    linkWithoutToken: async () => {
      const path = `/realms/${realm}/users/${await userId()}/federated-identity/${alias}`;
      const at = await userId("alice", upstreamRealm);
      await admin.call("POST", path, { identityProvider: alias, userId: at, userName: "alice" });
    },
    withoutRefreshTokens: async () => {
      const path = `/realms/${upstreamRealm}/clients`;
      const id = await admin.idOf(`${path}?clientId=acme-broker`);
      const client = z.looseObject({ attributes: z.looseObject({}) });
      const now = client.parse(await admin.call("GET", `${path}/${id}`));
      const attributes = { ...now.attributes, "use.refresh.tokens": "false" };
      await admin.call("PUT", `${path}/${id}`, { ...now, attributes });
    },
    letBobRead: () => mapReading("POST", "bob"),
    logOutBob: async () => {
      await admin.call("POST", `/realms/${realm}/users/${await userId("bob")}/logout`);
    },
    unlink: async () => {
      await admin.call("DELETE", `/realms/${realm}/users/${await userId()}/federated-identity/${alias}`);
    },
  };
};

/** Clients whose policies give their one resource to whoever has the role `seller`. */
export const umaOf = async ({ admin }: Keycloak, ...clientIds: readonly string[]): Promise<void> => {
  await admin.call("POST", `/realms/${realm}/roles`, { name: "seller" });
  for (const id of clientIds) await admin.call("POST", `/realms/${realm}/clients`, umaClient(id));
};

const umaClient = (clientId: string): object => ({
  ...{ clientId, secret: `${clientId}-secret`, serviceAccountsEnabled: true },
  authorizationServicesEnabled: true,
  authorizationSettings: {
    policyEnforcementMode: "ENFORCING",
    resources: [{ name: "deals" }],
    policies: [
      {
        ...{ name: "sellers", type: "role", logic: "POSITIVE" },
        config: { roles: JSON.stringify([{ id: "seller", required: true }]) },
      },
      {
        ...{ name: "deals for sellers", type: "resource", decisionStrategy: "UNANIMOUS" },
        config: { resources: '["deals"]', applyPolicies: '["sellers"]' },
      },
    ],
  },
});
