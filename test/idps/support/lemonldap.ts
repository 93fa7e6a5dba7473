import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import * as z from "zod";
import { shortTmp } from "../../../scripts/support/paths.ts";
import { startTree } from "../../../scripts/support/processes.ts";
import { freePort, whenAnswers } from "../../support/servers.ts";
import type { Stranger } from "./stranger.ts";

const clientId = "lanyard";
const configuration = z.record(z.string(), z.unknown());

/** LemonLDAP::NG as Debian packages it: exact redirects, opaque tokens, neither PAR nor device flow nor revocation. */
export const startLemonLdap = async (): Promise<Stranger> => {
  const root = await mkdtemp(join(shortTmp, "lanyard-lemonldap-"));
  const port = await freePort();
  const redirectUri = `http://127.0.0.1:${await freePort()}/oauth/callback`;
  const issuer = `http://localhost:${port}/`;
  const ini = await writeConfig(root, issuer, redirectUri);
  const psgi = join(root, "portal.psgi");
  await writeFile(psgi, portal);
  const tree = startTree("plackup", ["--host", "127.0.0.1", "--port", String(port), psgi], {
    env: { ...process.env, LLNG_DEFAULTCONFFILE: ini },
  });
  const dispose = async (): Promise<void> => {
    await tree.stop();
    await rm(root, { recursive: true, force: true });
  };
  try {
    await whenAnswers(`${issuer}.well-known/openid-configuration`, tree, 60_000);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    name: "LemonLDAP::NG",
    issuer,
    need: { issuer, clientId, scopes: ["openid", "profile"], redirectUri },
    logIn,
    halt: () => tree.stop(),
    [Symbol.asyncDispose]: dispose,
  };
};

const portal = `use Plack::Builder;
use Lemonldap::NG::Portal;
builder {
  enable "Static", path => qr{^/static/}, root => "/usr/share/lemonldap-ng/portal/htdocs/";
  Lemonldap::NG::Portal->run({});
};
`;

const writeConfig = async (root: string, issuer: string, redirectUri: string): Promise<string> => {
  for (const folder of ["conf", "cache", "sessions/lock", "psessions/lock"])
    await mkdir(join(root, folder), { recursive: true });
  const shippedText = await readFile("/var/lib/lemonldap-ng/conf/lmConf-1.json", "utf8");
  const shipped = configuration.parse(JSON.parse(shippedText));
  await writeFile(
    join(root, "conf/lmConf-1.json"),
    JSON.stringify({ ...shipped, ...ownConfiguration(root, issuer, redirectUri) }),
  );
  const ini = (await readFile("/etc/lemonldap-ng/lemonldap-ng.ini", "utf8"))
    .replaceAll("/var/lib/lemonldap-ng/conf", join(root, "conf"))
    .replaceAll("/var/lib/lemonldap-ng/cache", join(root, "cache"))
    .replace("logLevel     = warn", "logLevel     = debug");
  const file = join(root, "lemonldap-ng.ini");
  await writeFile(file, ini);
  return file;
};

const ownConfiguration = (
  root: string,
  issuer: string,
  redirectUri: string,
): Readonly<Record<string, unknown>> => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rp = Object.fromEntries(
    Object.entries({
      ClientID: clientId,
      Public: 1,
      RequirePKCE: 1,
      RedirectUris: redirectUri,
      IDTokenSignAlg: "RS256",
      RefreshToken: 1,
      AllowOffline: 1,
      AccessTokenExpiration: 600,
      BypassConsent: 1,
    }).map(([name, value]) => [`oidcRPMetaDataOptions${name}`, value]),
  );
  const store = (name: string): Readonly<Record<string, string>> => ({
    Directory: join(root, name),
    LockDirectory: join(root, name, "lock"),
    generateModule: "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
  });
  return {
    portal: issuer,
    oidcServiceMetaDataIssuer: issuer,
    domain: "localhost",
    securedCookie: 0,
    authentication: "Demo",
    userDB: "Same",
    globalStorageOptions: store("sessions"),
    persistentStorageOptions: store("psessions"),
    localSessionStorageOptions: {
      cache_depth: 3,
      cache_root: join(root, "cache"),
      default_expires_in: 600,
      directory_umask: "007",
      namespace: "lemonldap-ng-sessions",
    },
    issuerDBOpenIDConnectActivation: 1,
    oidcServicePrivateKeySig: privateKey.export({ type: "pkcs8", format: "pem" }),
    oidcServicePublicKeySig: publicKey.export({ type: "spki", format: "pem" }),
    oidcServiceKeyIdSig: "one",
    oidcServiceAllowAuthorizationCodeFlow: 1,
    oidcServiceAllowOffline: 1,
    oidcRPMetaDataOptions: { lanyard: rp },
    oidcRPMetaDataExportedVars: { lanyard: { name: "cn", preferred_username: "uid" } },
    portalDisplayRegister: 0,
    portalDisplayResetPassword: 0,
    captcha_login_enabled: 0,
    captcha_mail_enabled: 0,
    captcha_register_enabled: 0,
  };
};

const logIn = async (page: Page): Promise<void> => {
  await page.fill("[name=user]", "dwho");
  await page.fill("[name=password]", "dwho");
  await page.click("[type=submit]");
};
