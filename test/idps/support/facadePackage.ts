import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A facade that something else than a shell starts, with no more than that gives it. */
export interface Starting {
  readonly program: string;
  readonly configuration: string;
}

/** @returns what the facade's `check` says, line by line, started in an empty folder with an empty environment */
export const checkAs = async (
  { program, configuration }: Starting,
  cwd: string,
): Promise<readonly string[]> => {
  await mkdir(cwd, { recursive: true });
  const args = [program, "check", configuration];
  const { stdout } = await run(process.execPath, args, { cwd, env: {} });
  return stdout.split("\n").filter((line) => line !== "");
};

/** Reads the unit, and gives it what systemd would: the files below the root, and the secret. */
export const readUnit = async (root: string): Promise<Starting> => {
  const unit = join(root, "etc/systemd/system/lanyard-facade.service");
  const own = (await readFile(unit, "utf8")).replaceAll(/(?<=[ :])\/(?=(?:opt|etc)\/)/g, `${root}/`);
  const [, program = "", configuration = ""] = /^ExecStart=\S+ (\S+) (\S+)$/m.exec(own) ?? [];
  const [, name = "", secret = ""] = /^LoadCredential=(\w+):(\S+)$/m.exec(own) ?? [];
  const credential = join("/run/credentials", basename(unit), name);
  const held = join(root, credential);
  await mkdir(dirname(held), { recursive: true });
  await cp(secret, held);
  await writeFile(configuration, (await readFile(configuration, "utf8")).replaceAll(credential, held));
  return { program, configuration };
};

/** Does what the container file says to the package's folder. @returns what its image starts */
export const readContainerfile = async (context: string, root: string): Promise<string> => {
  const text = await readFile(join(context, "Containerfile"), "utf8");
  const copies = [...text.matchAll(/^COPY (\S+) (\S+)$/gm)];
  if (copies.length === 0) throw new Error("The container file copies nothing.");
  for (const [, from = "", to = ""] of copies)
    await cp(join(context, from), join(root, to), { recursive: true });
  const [, program = ""] = /^ENTRYPOINT \["node", "(\S+)"\]$/m.exec(text) ?? [];
  return join(root, program);
};
