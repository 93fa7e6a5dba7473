import * as z from "zod";
import type { Keycloak, KeycloakAdmin } from "./keycloak.ts";

const realm = "/realms/acme";
const named = z.looseObject({ id: z.string(), name: z.string() });

/** Gives alice a role of the realm; it is in the tokens that she gets from then on. */
export const giveRole = async ({ admin }: Keycloak, name: string): Promise<void> => {
  const userId = await admin.idOf(`${realm}/users?username=alice&exact=true`);
  const role = named.parse(await admin.call("GET", `${realm}/roles/${name}`));
  await admin.call("POST", `${realm}/users/${userId}/role-mappings/realm`, [role]);
};

/** Gives a role to whoever will ever sign in. */
export const giveRoleToAll = async ({ admin }: Keycloak, name: string): Promise<void> => {
  const role = named.parse(await admin.call("GET", `${realm}/roles/${name}`));
  await admin.call("POST", `${realm}/roles/default-roles-acme/composites`, [role]);
};

/** A client scope whose audience mapper names a client. @returns its id */
export const audienceScope = async (
  admin: KeycloakAdmin,
  name: string,
  audience: string,
  at = realm,
): Promise<string> => {
  await admin.call("POST", `${at}/client-scopes`, {
    ...{ name, protocol: "openid-connect" },
    protocolMappers: [
      {
        ...{ name: "audience", protocol: "openid-connect", protocolMapper: "oidc-audience-mapper" },
        config: { "included.client.audience": audience, "access.token.claim": "true" },
      },
    ],
  });
  const scopes = z.array(named).parse(await admin.call("GET", `${at}/client-scopes`));
  return scopes.find((scope) => scope.name === name)?.id ?? "";
};
