import { join } from "node:path";
import type { Page } from "playwright-core";
import * as z from "zod";
import type { KeycloakInstallation } from "../../../scripts/idps/keycloakInstall.ts";
import { startTree } from "../../../scripts/support/processes.ts";
import { freePort, whenAnswers } from "../../support/servers.ts";
import type { Stranger } from "./stranger.ts";

const clientId = "lanyard";
const realm = "acme";
const alice = { username: "alice", password: "alice-password" };

const deviceOption = "--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri";

/** A Keycloak of this test's own, with its interface for administrators. */
export interface Keycloak extends Stranger {
  readonly base: string;
  readonly admin: KeycloakAdmin;
}

export interface KeycloakAdmin {
  /** @param path below `/admin` */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The id of the first that a list answers with. */
  idOf(path: string): Promise<string>;
}

const list = z.array(z.looseObject({ id: z.string() })).min(1);
const tokenReply = z.looseObject({ access_token: z.string() });

/** @param deviceUrl where it asks people on another device (CIBA) */
export const startKeycloak = async (
  installation: KeycloakInstallation,
  deviceUrl?: string,
): Promise<Keycloak> => {
  const [port, management] = [await freePort(), await freePort()];
  const redirectUri = `http://localhost:${await freePort()}/callback`;
  const base = `http://127.0.0.1:${port}`;
  const tree = startTree(
    join(installation.folder, "bin/kc.sh"),
    [
      ...["start", "--optimized", "--http-enabled=true", "--hostname-strict=false"],
      ...["--http-host=127.0.0.1", `--http-port=${port}`, `--http-management-port=${management}`],
      ...(deviceUrl === undefined ? [] : [`${deviceOption}=${deviceUrl}`]),
    ],
    {
      env: {
        ...process.env,
        JAVA_HOME: installation.javaHome,
        KC_BOOTSTRAP_ADMIN_USERNAME: "admin",
        KC_BOOTSTRAP_ADMIN_PASSWORD: "admin",
        JAVA_OPTS_APPEND: "-Xmx700m",
      },
    },
  );
  const dispose = (): Promise<void> => tree.stop();
  try {
    await whenAnswers(`http://127.0.0.1:${management}/health/ready`, tree, 400_000);
    const admin = adminOf(base);
    await setUp(admin, redirectUri);
    const issuer = `${base}/realms/${realm}`;
    return {
      name: `Keycloak ${installation.version}`,
      ...{ base, issuer, admin, logIn, approveCode },
      need: { issuer, clientId, scopes: ["openid", "profile"], redirectUri },
      endSessions: async () => {
        const id = await admin.idOf(`/realms/${realm}/users?username=${alice.username}`);
        await admin.call("POST", `/realms/${realm}/users/${id}/logout`);
      },
      halt: () => tree.stop(),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};

/** Half of what an administrator's token lives: a password costs Keycloak half a second of a processor. */
const adminTokenMs = 30_000;

const adminOf = (base: string): KeycloakAdmin => {
  let held = { token: "", untilMs: 0 };
  const token = async (): Promise<string> => {
    if (performance.now() > held.untilMs)
      held = { token: await freshToken(), untilMs: performance.now() + adminTokenMs };
    return held.token;
  };
  const freshToken = async (): Promise<string> => {
    const body = new URLSearchParams({
      ...{ grant_type: "password", client_id: "admin-cli", username: "admin", password: "admin" },
    });
    const url = `${base}/realms/master/protocol/openid-connect/token`;
    return tokenReply.parse(await (await fetch(url, { method: "POST", body })).json()).access_token;
  };
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${base}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    call,
    idOf: async (path) => list.parse(await call("GET", path))[0]?.id ?? "",
  };
};

const setUp = async (admin: KeycloakAdmin, redirectUri: string): Promise<void> => {
  await admin.call("POST", "/realms", {
    realm,
    enabled: true,
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
    accessTokenLifespan: 300,
  });
  await admin.call("POST", `/realms/${realm}/clients`, {
    clientId,
    publicClient: true,
    standardFlowEnabled: true,
    directAccessGrantsEnabled: false,
    redirectUris: [redirectUri],
    attributes: {
      "pkce.code.challenge.method": "S256",
      "oauth2.device.authorization.grant.enabled": "true",
    },
  });
  await admin.call("POST", `/realms/${realm}/users`, {
    username: alice.username,
    enabled: true,
    ...{ email: "alice@acme.example", emailVerified: true, firstName: "Alice", lastName: "Ames" },
    credentials: [{ type: "password", value: alice.password, temporary: false }],
  });
};

const logIn = (page: Page): Promise<void> => logInAs(page, alice.username);

/** The passwords of all are made alike. */
export const logInAs = async (page: Page, username: string): Promise<void> => {
  await page.fill("[name=username]", username);
  await page.fill("[name=password]", `${username}-password`);
  await page.click("[type=submit]");
};

/** A browser that is signed in already is asked for no password. */
const approveCode = async (page: Page): Promise<void> => {
  const asked = page.locator("[name=username]").or(page.locator("[name=accept]"));
  await asked.first().waitFor();
  if (await page.locator("[name=username]").isVisible()) await logIn(page);
  await page.locator("[name=accept]").click();
};
