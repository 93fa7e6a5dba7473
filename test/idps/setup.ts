import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { installClaudeCode, type ClaudeCode } from "../../scripts/clients/claudeCode.ts";
import {
  installFastMcp,
  installOpenBao,
  type OpenBaoInstallation,
  type PypiInstallation,
} from "../../scripts/idps/pypiInstall.ts";
import { installKeycloak, type KeycloakInstallation } from "../../scripts/idps/keycloakInstall.ts";
import { clearSightings } from "./support/table.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** What cannot be had here, by name. */
    missing: readonly string[];
    keycloak: KeycloakInstallation | undefined;
    fastMcp: PypiInstallation | undefined;
    openBao: OpenBaoInstallation | undefined;
    /** The newest that is wanted. */
    claudeCode: ClaudeCode | undefined;
  }
}

/** What a provider of Debian's needs, each with a file that it brings. */
const packaged = {
  glewlwyd: {
    "/usr/bin/glewlwyd": "glewlwyd",
    "/usr/bin/sqlite3": "sqlite3",
  },
  "LemonLDAP::NG": {
    "/usr/bin/plackup": "lemonldap-ng-fastcgi-server",
    "/usr/share/perl5/Lemonldap/NG/Portal.pm": "liblemonldap-ng-portal-perl",
    "/usr/share/perl5/GD/SecurityImage.pm": "libgd-securityimage-perl",
    "/usr/share/doc/libimage-magick-perl": "libimage-magick-perl",
  },
} as const;

const newestClaudeCode = async (): Promise<ClaudeCode> => {
  const { installed, missing } = await installClaudeCode();
  const newest = installed.at(-1);
  if (newest === undefined) throw new Error(missing.map(({ reason }) => reason).join("\n"));
  return newest;
};

/** Looks for the providers. One that cannot be had is said and its tests are skipped, but in CI it is a failure. */
export default async function setup(project: TestProject): Promise<void> {
  await clearSightings();
  const missing: string[] = [];
  const miss = (name: string, why: string): void => {
    missing.push(name);
    console.error(`${name} cannot be had, and its tests are skipped. ${why}`);
  };
  for (const [name, files] of Object.entries(packaged)) {
    const wanted = Object.entries(files).flatMap(([file, from]) => (existsSync(file) ? [] : [from]));
    if (wanted.length > 0) miss(name, `Debian: apt-get install ${wanted.join(" ")}`);
  }
  const had = async <T>(name: string, installation: Promise<T>): Promise<T | undefined> =>
    installation.catch((error: unknown) => {
      miss(name, error instanceof Error ? error.message : String(error));
      return undefined;
    });
  const keycloak = await had("Keycloak", installKeycloak());
  const fastMcp = await had("FastMCP", installFastMcp());
  const openBao = await had("OpenBao", installOpenBao());
  const claudeCode = await had("Claude Code", newestClaudeCode());
  if (missing.length > 0 && process.env["CI"] === "true") {
    throw new Error("In CI all of them have to be there.");
  }
  project.provide("missing", missing);
  project.provide("keycloak", keycloak);
  project.provide("fastMcp", fastMcp);
  project.provide("openBao", openBao);
  project.provide("claudeCode", claudeCode);
}
