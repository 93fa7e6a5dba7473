import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { World } from "./harness.ts";

const mcpFile = z.object({
  mcpServers: z.record(
    z.string(),
    z.object({ url: z.string().default(""), headersHelper: z.string().default("") }),
  ),
});

/** What a command came to. */
export interface Said {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a shell finds what it needs. */
type ShellPlaces = Pick<World, "workspace" | "home" | "lanyardHome">;

/** A shell in the demo workspace, as Claude Code and a person have one. */
export class Shell {
  readonly #world: ShellPlaces;

  constructor(world: ShellPlaces) {
    this.#world = world;
  }

  async connector(name: string): Promise<{ readonly url: string; readonly headersHelper: string }> {
    const text = await readFile(join(this.#world.workspace, ".mcp.json"), "utf8");
    const entry = mcpFile.parse(JSON.parse(text)).mcpServers[name];
    if (entry === undefined) throw new Error(`.mcp.json has no connector ${name}.`);
    return entry;
  }

  /** Runs a connector's helper exactly as Claude Code does, and reads what it printed. */
  async helper(name: string, url?: string, folder?: string): Promise<Record<string, string>> {
    const entry = await this.connector(name);
    const env = { CLAUDE_CODE_MCP_SERVER_NAME: name, CLAUDE_CODE_MCP_SERVER_URL: url ?? entry.url };
    const said = await this.run(entry.headersHelper, env, folder);
    return z.record(z.string(), z.string()).parse(JSON.parse(said.stdout));
  }

  /** `lanyard …`, as a person types it. */
  lanyard(words: string): Promise<Said> {
    return this.run(`"$LANYARD_HOME/bin/lanyard" ${words}`, {});
  }

  /** @param folder the demo's workspace unless named */
  async run(command: string, env: Readonly<Record<string, string>>, folder?: string): Promise<Said> {
    const { home, lanyardHome, workspace } = this.#world;
    const child = spawn("/bin/sh", ["-c", command], {
      cwd: folder ?? workspace,
      env: { PATH: process.env["PATH"], HOME: home, LANYARD_HOME: lanyardHome, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await once(child, "close");
    return { exitCode: child.exitCode, stdout, stderr };
  }
}
