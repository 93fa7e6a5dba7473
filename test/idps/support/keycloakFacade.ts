import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { startFacade, type RunningFacade } from "../../../facade/src/node/serve.ts";
import { shortTmp } from "../../../scripts/support/paths.ts";
import type { Keycloak, KeycloakAdmin } from "./keycloak.ts";
import { freePort } from "../../support/servers.ts";
import { audienceScope, giveRole } from "./keycloakRealm.ts";

const realm = "/realms/acme";
const facadeClient = "lanyard-facade";
const secret = "canary-facade-secret";

/** The resource that the entry names; the facade's table makes of it what Keycloak is asked for. */
export const crmResource = "https://mcp.crm.example.com";

export const wikiResource = "https://mcp.wiki.example.com";
/** Of a connector that another role is for, which no test gives. */
export const payrollResource = "https://mcp.payroll.example.com";
/** Each of a connector that is given once the person has approved on another device. */
export const pushResources = {
  approved: "https://mcp.approved.example.com",
  refused: "https://mcp.refused.example.com",
  unanswered: "https://mcp.unanswered.example.com",
  hurried: "https://mcp.hurried.example.com",
  broken: "https://mcp.broken.example.com",
  /** By the claim that names people by default, which Keycloak knows nobody by. */
  unknown: "https://mcp.unknown.example.com",
};
/** The same, for a token that Keycloak stores of another provider. */
export const upstreamResource = "https://mcp.upstream.example.com";

/** A facade before a Keycloak that is set up for it, as docs/facade.md says. */
export interface KeycloakFacade extends AsyncDisposable {
  readonly url: string;
  /** What it has written: the record, and whatever else. */
  readonly lines: readonly string[];
  giveRole(): Promise<void>;
}

const named = z.looseObject({ id: z.string(), name: z.string() });

export const facadeBefore = async (keycloak: Keycloak): Promise<KeycloakFacade> => {
  const { admin, issuer, need } = keycloak;
  const folder = await mkdtemp(join(shortTmp, "lanyard-facade-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await setUp(admin, need.clientId, url);
  await writeFile(join(folder, "secret"), `${secret}\n`);
  await writeFile(
    join(folder, "facade.json"),
    JSON.stringify({
      ...{ url, listen: { port } },
      identityProvider: {
        ...{ issuer, clients: [need.clientId], audience: facadeClient, clientId: facadeClient },
        clientSecret: { file: join(folder, "secret") },
      },
      vaults: {
        keycloak: { adapter: "keycloak-exchange" },
        stored: { adapter: "keycloak-broker", publicClient: need.clientId, returnTo: need.redirectUri },
      },
      targets: {
        [crmResource]: { vault: "keycloak", ask: { audience: "crm", scope: "crm" } },
        [wikiResource]: { vault: "keycloak", ask: { audience: "wiki", scope: "wiki" } },
        [payrollResource]: { vault: "keycloak", ask: { audience: "payroll", scope: "payroll" } },
        ...Object.fromEntries(Object.values(pushResources).map((resource) => [resource, pushed(resource)])),
        [upstreamResource]: { vault: "stored", ask: { alias: "upstream" } },
      },
    }),
  );
  const lines: string[] = [];
  const started = await startFacade(join(folder, "facade.json"), (line) => lines.push(JSON.stringify(line)));
  if (started.kind === "issues") throw new Error(started.issues.join("\n"));
  const facade: RunningFacade = started.facade;
  return {
    ...{ url, lines },
    giveRole: () => giveRole(keycloak, "crm-seller"),
    [Symbol.asyncDispose]: async () => {
      await facade.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const pushed = (resource: string): object => {
  const hint = resource === pushResources.unknown ? {} : { loginHint: ["preferred_username"] };
  return {
    ...{ vault: "keycloak", ask: { audience: "crm", scope: "crm" } },
    policy: { push: { message: "CRM for Acme", ...hint } },
  };
};

/** A client that tokens are for, with the scope that whoever has the role may be given. */
const connectorFor = async (
  admin: KeycloakAdmin,
  name: string,
  roleName: string,
  facadeId: string,
): Promise<void> => {
  await admin.call("POST", `${realm}/clients`, { clientId: name, secret: `${name}-secret` });
  const scope = await audienceScope(admin, name, name);
  await admin.call("PUT", `${realm}/clients/${facadeId}/optional-client-scopes/${scope}`);
  const role = named.parse(await admin.call("GET", `${realm}/roles/${roleName}`));
  await admin.call("POST", `${realm}/client-scopes/${scope}/scope-mappings/realm`, [role]);
};

const setUp = async (admin: KeycloakAdmin, publicClient: string, url: string): Promise<void> => {
  const idOfClient = (clientId: string): Promise<string> =>
    admin.idOf(`${realm}/clients?clientId=${clientId}`);
  // One: the facade's client.
  await admin.call("POST", `${realm}/clients`, {
    ...{ clientId: facadeClient, secret, publicClient: false, standardFlowEnabled: false },
    defaultClientScopes: ["basic"],
    attributes: {
      "standard.token.exchange.enabled": "true",
      "oidc.ciba.grant.enabled": "true",
      // Without version 2 of the broker interface nothing reads them.
      "external.token.enabled": "true",
      "external.token.idp": "upstream",
    },
  });
  // Two: the public client's tokens are meant for it, and it is told when a session ends.
  const forFacade = await audienceScope(admin, "for-lanyard-facade", facadeClient);
  const publicId = await idOfClient(publicClient);
  await admin.call("PUT", `${realm}/clients/${publicId}/default-client-scopes/${forFacade}`);
  const client = z.looseObject({ attributes: z.looseObject({}) });
  const before = client.parse(await admin.call("GET", `${realm}/clients/${publicId}`));
  const logout = {
    "backchannel.logout.url": `${url}/backchannel-logout`,
    "backchannel.logout.session.required": "true",
  };
  await admin.call("PUT", `${realm}/clients/${publicId}`, {
    ...before,
    attributes: { ...before.attributes, ...logout },
  });
  // Three, for each connector: a client, a scope for its audience, and who may have it.
  const roles = { crm: "crm-seller", wiki: "crm-seller", payroll: "payroll-clerk" };
  for (const name of new Set(Object.values(roles))) await admin.call("POST", `${realm}/roles`, { name });
  const facadeId = await idOfClient(facadeClient);
  for (const [name, role] of Object.entries(roles)) await connectorFor(admin, name, role, facadeId);
};
