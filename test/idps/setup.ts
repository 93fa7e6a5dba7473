import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { installKeycloak, type KeycloakInstallation } from "../../scripts/idps/keycloakInstall.ts";
import { clearSightings } from "./support/table.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The providers that cannot be had here, by name. */
    missing: readonly string[];
    keycloak: KeycloakInstallation | undefined;
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
  const keycloak = await installKeycloak().catch((error: unknown) => {
    miss("Keycloak", error instanceof Error ? error.message : String(error));
    return undefined;
  });
  if (missing.length > 0 && process.env["CI"] === "true") {
    throw new Error("In CI every identity provider has to be there.");
  }
  project.provide("missing", missing);
  project.provide("keycloak", keycloak);
}
