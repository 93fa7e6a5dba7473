/** MCP clients other than Claude Code and VS Code, as npm has them, in the versions that test/clients/versions.json names. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { exists } from "../support/exists.ts";
import { inRoot } from "../support/paths.ts";
import { fetchPackage, fetchedFolder } from "./npmPackage.ts";

/** By name: the package, and where npm puts its program. The cheapest and steadiest come first. */
const packages = {
  copilot: { title: "Copilot CLI", packageName: "@github/copilot", program: ".bin/copilot" },
  codex: { title: "Codex", packageName: "@openai/codex", program: ".bin/codex" },
  continue: { title: "Continue", packageName: "@continuedev/cli", program: ".bin/cn" },
  opencode: {
    title: "OpenCode",
    packageName: "opencode-ai",
    program: `opencode-${process.platform}-${process.arch}/bin/opencode`,
  },
  gemini: { title: "Gemini CLI", packageName: "@google/gemini-cli", program: ".bin/gemini" },
  qwen: { title: "Qwen Code", packageName: "@qwen-code/qwen-code", program: ".bin/qwen" },
  cline: { title: "Cline", packageName: "cline", program: ".bin/cline" },
} as const;

export type OtherName = keyof typeof packages;

/** One of them, installed. */
export interface OtherClient {
  readonly name: OtherName;
  readonly title: string;
  readonly version: string;
  readonly program: string;
  /** A folder beside the program, for what it unpacks at its first start. */
  readonly cache: string;
}

const allNames = z.enum(Object.keys(packages) as [OtherName, ...OtherName[]]);
const wanted = z.object({ others: z.record(allNames, z.string()) });

/** Those that run with every change; a nightly runs all. */
const few = 3;

export interface OtherClients {
  readonly installed: readonly OtherClient[];
  readonly missing: readonly { readonly title: string; readonly reason: string }[];
}

/** Installs what is missing of them; what is there is used without the network. */
export const installOthers = async (all: boolean): Promise<OtherClients> => {
  const file = inRoot("test/clients/versions.json");
  const { others } = wanted.parse(JSON.parse(await readFile(file, "utf8")));
  const installed: OtherClient[] = [];
  const missing: { title: string; reason: string }[] = [];
  for (const name of allNames.options.slice(0, all ? undefined : few)) {
    try {
      installed.push(await present(name, others[name]));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      missing.push({ title: packages[name].title, reason });
    }
  }
  return { installed, missing };
};

const present = async (name: OtherName, version: string): Promise<OtherClient> => {
  const { title, packageName, program: path } = packages[name];
  const folder = fetchedFolder(name, version);
  const program = join(folder, "node_modules", path);
  if (!(await exists(program))) await fetchPackage(name, packageName, version);
  return { name, title, version, program, cache: join(folder, "cache") };
};
