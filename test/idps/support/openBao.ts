import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot, shortTmp } from "../../../scripts/support/paths.ts";
import type { OpenBaoInstallation } from "../../../scripts/idps/pypiInstall.ts";
import { run, startTree } from "../../../scripts/support/processes.ts";
import { freePort, whenAnswers } from "../../support/servers.ts";

/** An OpenBao of this test's own, in memory, with an audit log. */
export interface OpenBao extends AsyncDisposable {
  readonly address: string;
  /** Runs lines of a shell as its administrator does, with `vault` for the command line. @returns what they print */
  shell(lines: string): Promise<string>;
  audit(): Promise<string>;
}

const rootToken = "root";

export const startOpenBao = async ({ program }: OpenBaoInstallation): Promise<OpenBao> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(shortTmp, "lanyard-bao-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const auditFile = join(folder, "audit.log");
  await writeFile(
    join(folder, "bao.hcl"),
    `audit "file" "audit" {\n  options {\n    file_path = ${JSON.stringify(auditFile)}\n  }\n}\n`,
  );
  // Installers may drop the mode of what a wheel brings.
  await chmod(program, 0o755);
  await symlink(program, join(folder, "vault"));
  const address = `http://127.0.0.1:${await freePort()}`;
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, HOME: folder };
  const tree = startTree(
    program,
    [
      ...["server", "-dev", "-dev-no-store-token", `-dev-root-token-id=${rootToken}`],
      ...[`-dev-listen-address=${new URL(address).host}`, `-config=${join(folder, "bao.hcl")}`],
    ],
    { env },
  );
  stack.defer(() => tree.stop());
  await whenAnswers(`${address}/v1/sys/health`, tree, 60_000);
  const open = stack.move();
  return {
    address,
    shell: (lines) =>
      run("bash", ["-euo", "pipefail", "-c", lines], {
        env: { ...env, VAULT_ADDR: address, VAULT_TOKEN: rootToken },
      }),
    audit: () => readFile(auditFile, "utf8"),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

/** The recipe's blocks for a shell, as the documentation has them, in their order. */
export const recipe = async (): Promise<readonly string[]> => {
  const text = await readFile(inRoot("docs/credential-sources.md"), "utf8");
  const [, section = ""] = text.split("\n## hashicorp-vault\n");
  const [own = ""] = section.split("\n## ");
  return [...own.matchAll(/```sh\n(.*?)```/gs)].map(([, lines = ""]) => lines);
};
