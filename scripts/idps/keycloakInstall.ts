/** Keycloak as Maven has it, unpacked once into a folder that git ignores. */
import { cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../support/exists.ts";
import { inRoot } from "../support/paths.ts";
import { run } from "../support/processes.ts";
import versions from "./versions.json" with { type: "json" };

export interface KeycloakInstallation {
  readonly folder: string;
  readonly version: string;
  /** A JDK of at least `oldestJava`. */
  readonly javaHome: string;
}

const oldestJava = 21;

/** @throws a line that says what is missing */
export const installKeycloak = async (): Promise<KeycloakInstallation> => {
  const javaHome = await findJava();
  const { keycloak: version } = versions;
  const folder = inRoot(".idps", `keycloak-${version}`);
  if (!(await exists(folder))) await fetchKeycloak({ version, folder, javaHome });
  return { folder, version, javaHome };
};

/** It is built for what the tests start it with: a start would do that anew each time. */
const buildOptions = ["--db=dev-mem", "--health-enabled=true"];

const fetchKeycloak = async ({ version, folder, javaHome }: KeycloakInstallation): Promise<void> => {
  const part = inRoot(".idps", `part-${process.pid}`);
  await mkdir(part, { recursive: true });
  const artifact = `org.keycloak:keycloak-quarkus-dist:${version}:zip`;
  try {
    await run("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${part}`]);
    await run("unzip", ["-q", join(part, `keycloak-quarkus-dist-${version}.zip`), "-d", part]);
    const unpacked = join(part, `keycloak-${version}`);
    const env = { ...process.env, JAVA_HOME: javaHome };
    await run(join(unpacked, "bin/kc.sh"), ["build", ...buildOptions], { env });
    await rename(unpacked, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
};

/** A copy with version 2 of the broker interface, which turns version 1 off: it is built in, not chosen at the start. */
export const withBrokerApi2 = async (installation: KeycloakInstallation): Promise<KeycloakInstallation> => {
  const folder = `${installation.folder}-broker2`;
  if (await exists(folder)) return { ...installation, folder };
  const part = `${folder}-part-${process.pid}`;
  const env = { ...process.env, JAVA_HOME: installation.javaHome };
  try {
    await cp(installation.folder, part, { recursive: true });
    await run(join(part, "bin/kc.sh"), ["build", ...buildOptions, "--features=identity-brokering-api:v2"], {
      env,
    });
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return { ...installation, folder };
};

/** By `release`, a file that every JDK has, so that none of them has to be started. */
const findJava = async (): Promise<string> => {
  const roots = ["/usr/lib/jvm", "/Library/Java/JavaVirtualMachines"];
  const found = await Promise.all(
    roots.map(async (root) => (await readdir(root).catch(() => [])).map((name) => join(root, name))),
  );
  const named = process.env["JAVA_HOME"];
  for (const home of [...(named === undefined ? [] : [named]), ...found.flat()]) {
    const release = await readFile(join(home, "release"), "utf8").catch(() => "");
    const version = /^JAVA_VERSION="(\d+)/m.exec(release)?.[1];
    if (version !== undefined && Number(version) >= oldestJava) return home;
  }
  throw new Error(`Keycloak needs a JDK of ${oldestJava} or later: install one, or set JAVA_HOME.`);
};
