import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { inRoot } from "../../../scripts/support/paths.ts";
import { startTree } from "../../../scripts/support/processes.ts";
import { fencedBlocks, type FencedBlock } from "./fencedBlocks.ts";

export interface WalkOptions {
  /** Empty: what the docs call /srv/lanyard-facade. */
  readonly folder: string;
  /** What the docs call by another name, such as `https://id.example.com`. */
  readonly names: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Where the facade has to listen, for its own port may be somebody's. */
  readonly port: number;
}

/** One who does what docs/facade-setup.md says for Keycloak, and nothing else. */
export class SetupWalk {
  readonly #options: WalkOptions;
  readonly #pack: FencedBlock;
  readonly #blocks: readonly FencedBlock[];

  private constructor(options: WalkOptions, pack: FencedBlock, blocks: readonly FencedBlock[]) {
    this.#options = options;
    this.#pack = pack;
    this.#blocks = blocks;
  }

  static async begin(options: WalkOptions): Promise<SetupWalk> {
    const page = await readFile(inRoot("docs/facade-setup.md"), "utf8");
    const [pack] = fencedBlocks(page);
    if (pack === undefined) throw new Error("The docs do not say how to pack the program.");
    return new SetupWalk(options, pack, fencedBlocks(page, "Keycloak"));
  }

  /** How many numbered steps there are, and how many lines that somebody has to run or write. */
  get size(): { readonly steps: number; readonly commands: number } {
    const lines = [
      this.#pack,
      ...this.#blocks.filter(({ language, saying }) => language === "sh" && /^\*\*\d/.test(saying)),
    ];
    return {
      steps: this.#blocks.filter(({ saying }) => /^\*\*\d/.test(saying)).length,
      commands: lines.flatMap(({ text }) => text.split("\n").filter((line) => /^[^ #]/.test(line))).length,
    };
  }

  async pack(): Promise<void> {
    await this.#run(this.#pack, inRoot());
  }

  async register(): Promise<void> {
    await this.#run(this.#named("**1. Register**"));
  }

  async writeConfiguration(): Promise<void> {
    const text = this.#read(this.#named("**2. `facade.json`**"));
    const listen = { port: this.#options.port };
    await writeFile(
      join(this.#options.folder, "facade.json"),
      JSON.stringify({ ...(JSON.parse(text) as object), listen }),
    );
  }

  /** @returns what its `check` has said, once it listens */
  async start(stack: AsyncDisposableStack): Promise<readonly string[]> {
    const tree = startTree("/bin/bash", ["-euc", this.#read(this.#named("**3. Start it.**"))], {
      cwd: this.#options.folder,
      env: this.#env(),
    });
    stack.defer(() => tree.stop());
    const said: string[] = [];
    tree.stdout.on("data", (chunk: Buffer) => said.push(...chunk.toString().split("\n")));
    for await (const line of createInterface({ input: tree.stderr }))
      if (line.includes("listens at")) return said.filter((each) => /^(ok|FAIL) /.test(each));
    throw new Error(`It does not listen.\n${said.join("\n")}`);
  }

  async writeMcpJson(workspace: string): Promise<void> {
    await writeFile(join(workspace, ".mcp.json"), this.#read(this.#named("**4. `.mcp.json`**")));
  }

  async giveRole(): Promise<void> {
    await this.#run(this.#named("**5. Give people the role**"));
  }

  /** Installs the service below a folder in the place of the root; nothing is started. */
  async installService(root: string): Promise<void> {
    const block = this.#named("**As a service**");
    const text = block.text
      .replaceAll(/^systemctl .*$/gm, "")
      .replaceAll(/(?<= )\/(?=(?:opt|etc)\/)/g, `${root}/`);
    await this.#run({ ...block, text });
  }

  #named(start: string): FencedBlock {
    const found = this.#blocks.find(({ saying }) => saying.startsWith(start));
    if (found === undefined) throw new Error(`The docs have no block after ${start}`);
    return found;
  }

  /** A block with this walk's own names. */
  #read({ text }: FencedBlock): string {
    const names = { ...this.#options.names, "/srv/lanyard-facade": this.#options.folder };
    return Object.entries(names).reduce((read, [name, own]) => read.replaceAll(name, own), text);
  }

  #env(): NodeJS.ProcessEnv {
    const { folder, env } = this.#options;
    const npm = { npm_config_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };
    return {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"))),
      ...{ HOME: join(dirname(folder), "home"), ...npm, ...env },
    };
  }

  async #run(block: FencedBlock, cwd = this.#options.folder): Promise<void> {
    const child = spawn("/bin/bash", ["-euc", this.#read(block)], {
      ...{ cwd, env: this.#env(), stdio: ["ignore", "pipe", "pipe"] },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await once(child, "close");
    if (child.exitCode !== 0)
      throw new Error(`${block.text}\nended with ${String(child.exitCode)}:\n${said}`);
  }
}
