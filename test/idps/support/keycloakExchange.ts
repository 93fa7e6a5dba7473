import * as z from "zod";
import type { Fetch } from "../../../src/core/ports.ts";
import type { Keycloak } from "./keycloak.ts";
import { audienceScope } from "./keycloakRealm.ts";

const realm = "/realms/acme";
const switchOn = { "standard.token.exchange.enabled": "true" };
const facade = { clientId: "facade", secret: "facade-secret" };

/** What administrators do about the exchange of tokens. */
export interface Exchanges {
  /** Turns the public client's own switch on, which Keycloak then refuses in other words. */
  letPublic(): Promise<void>;
  /** The public client's tokens name the facade from now on. */
  nameFacade(): Promise<void>;
  /** Whether people have to consent to what the facade gets, which nobody can before a facade. */
  setConsent(isRequired: boolean): Promise<void>;
  /** Turns the target on or off. */
  setTarget(enabled: boolean): Promise<void>;
}

/**
 * A confidential client that may exchange tokens, a target whose scope is for sellers, and neither known to the tokens of the public client
 * yet.
 */
export const exchangesOf = async ({ admin, need }: Keycloak): Promise<Exchanges> => {
  const create = (path: string, body: object): Promise<unknown> =>
    admin.call("POST", `${realm}${path}`, body);
  const client = (id: string): Promise<string> => admin.idOf(`${realm}/clients?clientId=${id}`);
  const change = async (id: string, over: object): Promise<void> => {
    const path = `${realm}/clients/${await client(id)}`;
    const now = z.looseObject({ attributes: z.record(z.string(), z.string()) });
    const { attributes, ...rest } = now.parse(await admin.call("GET", path));
    await admin.call("PUT", path, { ...rest, attributes: { ...attributes, ...switchOn }, ...over });
  };
  await create("/clients", { ...facade, attributes: switchOn });
  await create("/clients", { clientId: "target", bearerOnly: true });
  const toFacade = await audienceScope(admin, "to-facade", "facade");
  const toTarget = await audienceScope(admin, "to-target", "target");
  const seller = await admin.call("GET", `${realm}/roles/seller`);
  await create(`/client-scopes/${toTarget}/scope-mappings/realm`, [seller]);
  await admin.call(
    "PUT",
    `${realm}/clients/${await client(facade.clientId)}/optional-client-scopes/${toTarget}`,
  );
  return {
    letPublic: () => change(need.clientId, {}),
    nameFacade: async () => {
      const path = `${realm}/clients/${await client(need.clientId)}/default-client-scopes/${toFacade}`;
      await admin.call("PUT", path);
    },
    setConsent: (consentRequired) => change(facade.clientId, { consentRequired }),
    setTarget: (enabled) => change("target", { enabled }),
  };
};

/** Asks as a facade does: its own client with its secret, in the place of the public one. */
export const asFacade =
  (fetch: Fetch, secret = facade.secret): Fetch =>
  async (url, init) => {
    const request = new Request(url, init);
    const form = new URLSearchParams(await request.text());
    form.set("client_id", facade.clientId);
    form.set("client_secret", secret);
    return fetch(url, { ...init, body: form });
  };
