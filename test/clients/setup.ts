import { mkdir, rm } from "node:fs/promises";
import type { TestProject } from "vitest/node";
import { installClaudeCode, type ClaudeCode } from "../../scripts/clients/claudeCode.ts";
import { installOthers, type OtherClient } from "../../scripts/clients/otherClients.ts";
import { tableFolder } from "./support/tables.ts";

declare module "vitest" {
  export interface ProvidedContext {
    claudeCodes: readonly ClaudeCode[];
    otherClients: readonly OtherClient[];
  }
}

/** Installs the clients. One that cannot be had is said and its tests are skipped, but in CI it is a failure. */
export default async function setup(project: TestProject): Promise<void> {
  await rm(tableFolder, { recursive: true, force: true });
  await mkdir(tableFolder, { recursive: true });
  const { installed, missing } = await installClaudeCode();
  for (const { wanted, reason } of missing) {
    console.error(`Claude Code ${wanted} cannot be had, and its tests are skipped. ${reason}`);
  }
  const others = await installOthers(process.env["LANYARD_ALL_CLIENTS"] === "true");
  for (const { title, reason } of others.missing) {
    console.error(`${title} cannot be had, and its tests are skipped. ${reason}`);
  }
  if (missing.length + others.missing.length > 0 && process.env["CI"] === "true") {
    throw new Error("In CI every client has to be there.");
  }
  project.provide("claudeCodes", installed);
  project.provide("otherClients", others.installed);
}
