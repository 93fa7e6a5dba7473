import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { shortTmp } from "../../../scripts/support/paths.ts";
import { run, startTree } from "../../../scripts/support/processes.ts";
import { freePort, whenAnswers } from "../../support/servers.ts";
import type { Stranger } from "./stranger.ts";

const clientId = "lanyard";
const scopes = ["openid", "profile"];
const admin = { username: "admin", password: "password" };

/** glewlwyd as Debian packages it: exact redirects, PAR, DPoP, device flow, refresh tokens that are good for one use. */
export const startGlewlwyd = async (): Promise<Stranger> => {
  const root = await mkdtemp(join(shortTmp, "lanyard-glewlwyd-"));
  const port = await freePort();
  const redirectUri = `http://localhost:${await freePort()}/callback`;
  const base = `http://localhost:${port}`;
  const config = await writeConfig(root, port, base);
  const tree = startTree("glewlwyd", ["--config-file", config]);
  const dispose = async (): Promise<void> => {
    await tree.stop();
    await rm(root, { recursive: true, force: true });
  };
  try {
    await whenAnswers(`${base}/config`, tree, 30_000);
    await setUp(base, redirectUri);
  } catch (error) {
    await dispose();
    throw error;
  }
  const issuer = `${base}/api/oidc`;
  return {
    name: "glewlwyd",
    issuer,
    need: { issuer, clientId, scopes, redirectUri },
    logIn,
    approveCode: logIn,
    halt: () => tree.stop(),
    [Symbol.asyncDispose]: dispose,
  };
};

const writeConfig = async (root: string, port: number, base: string): Promise<string> => {
  const statics = join(root, "static");
  const database = join(root, "glewlwyd.db");
  await mkdir(statics);
  await writeFile(join(statics, "index.html"), "<html></html>");
  await writeFile(join(statics, "login.html"), "<html><title>login</title></html>");
  const packed = await readFile("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz");
  await writeFile(join(root, "init.sql"), gunzipSync(packed));
  await run("sqlite3", [database, `.read ${join(root, "init.sql")}`]);
  const shipped = await readFile("/etc/glewlwyd/glewlwyd.conf", "utf8");
  const kept = shipped
    .split("\n")
    .filter(
      (line) =>
        !/^\s*(port|external_url|bind_address|log_mode|log_file|static_files_path|@include)\b/.test(line),
    )
    .filter((line) => !line.includes("@include"));
  const own = [
    `port=${port}`,
    `external_url="${base}/"`,
    `bind_address="127.0.0.1"`,
    `log_mode="console"`,
    `static_files_path="${statics}"`,
    `database = { type = "sqlite3"; path = "${database}"; };`,
  ];
  const file = join(root, "glewlwyd.conf");
  await writeFile(file, [...own, ...kept].join("\n"));
  return file;
};

/** The provider's own interface for administrators, by the cookie of its first user. */
const setUp = async (base: string, redirectUri: string): Promise<void> => {
  const login = await fetch(`${base}/api/auth/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(admin),
  });
  const cookie = login.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const response = await fetch(`${base}/api/${path}`, {
      method,
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  };
  const user: unknown = await (await fetch(`${base}/api/user/admin`, { headers: { cookie } })).json();
  for (const name of scopes) {
    const scope = { name, display_name: name, password_required: true, password_max_age: 0, scheme: {} };
    await call("POST", "scope/", scope).catch((error: unknown) => {
      // Some of them are there from the start.
      if (name !== "openid") throw error;
    });
  }
  await call("PUT", "user/admin", {
    ...(user as object),
    name: "Ada Admin",
    scope: ["g_admin", "g_profile", ...scopes],
  });
  await call("POST", "mod/plugin/", pluginOf(base));
  await call("POST", "client/", clientOf(redirectUri));
};

const pluginOf = (base: string): unknown => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    module: "oidc",
    name: "oidc",
    display_name: "OpenID Connect",
    enabled: true,
    parameters: {
      iss: `${base}/api/oidc`,
      "jwt-type": "rsa",
      "jwt-key-size": "256",
      key: privateKey.export({ type: "pkcs8", format: "pem" }),
      cert: publicKey.export({ type: "spki", format: "pem" }),
      "access-token-duration": 600,
      "refresh-token-duration": 86_400,
      "code-duration": 600,
      "refresh-token-rolling": true,
      "refresh-token-one-use": "always",
      "auth-type-code-enabled": true,
      "auth-type-device-enabled": true,
      "auth-type-refresh-enabled": true,
      "device-authorization-expiration": 600,
      "device-authorization-interval": 1,
      "pkce-allowed": true,
      "pkce-required": true,
      "oauth-par-allowed": true,
      "oauth-par-request_uri-prefix": "urn:ietf:params:oauth:request_uri:",
      "oauth-par-duration": 90,
      "oauth-dpop-allowed": true,
      "oauth-dpop-iat-duration": 60,
      "introspection-revocation-allowed": true,
      "introspection-revocation-allow-target-client": true,
      "allowed-scope": scopes,
      "name-claim": "on-demand",
      "email-claim": "on-demand",
      "service-documentation": "",
    },
  };
};

const clientOf = (redirectUri: string): unknown => ({
  client_id: clientId,
  name: "Lanyard",
  enabled: true,
  confidential: false,
  token_endpoint_auth_method: ["none"],
  redirect_uri: [redirectUri],
  scope: scopes,
  authorization_type: ["code", "refresh_token", "device_authorization"],
});

/** The package's login page needs a web server of its own: the page's own calls are made in its place. */
const logIn = async (page: Page): Promise<void> => {
  await page.waitForURL(/login\.html/);
  const back = await page.evaluate(
    async ({ person, client, scope }) => {
      const send = async (method: string, path: string, body: unknown): Promise<void> => {
        const headers = { "content-type": "application/json" };
        await fetch(path, { method, headers, body: JSON.stringify(body) });
      };
      await send("POST", "/api/auth/", person);
      await send("PUT", `/api/auth/grant/${client}`, { scope });
      return new URL(location.href).searchParams.get("callback_url");
    },
    { person: admin, client: clientId, scope: scopes.join(" ") },
  );
  if (back === null) throw new Error(`${page.url()} names no way back.`);
  await page.goto(`${back}${back.includes("?") ? "&" : "?"}g_continue`);
};
