/** `@modelcontextprotocol/conformance` as npm has it, and what it says of a server. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { fetchPackage, fetchedFolder } from "../../scripts/clients/npmPackage.ts";
import { exists } from "../../scripts/support/exists.ts";

const packageName = "@modelcontextprotocol/conformance";
const version = "0.2.0-alpha.12";
const client = "conformance";
const program = join(fetchedFolder(client, version), "node_modules", packageName, "dist/index.js");

/** Installs it where it is missing. */
export const installSuite = async (): Promise<void> => {
  if (!(await exists(program))) await fetchPackage(client, packageName, version);
};

const checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

/** By scenario and check, the worst that came of it. */
export type Outcomes = ReadonlyMap<string, string>;

const rank: readonly string[] = ["SKIPPED", "SUCCESS", "WARNING", "FAILURE"];

/** Every scenario for servers that a revision has, at the URL. */
export const runScenarios = async (url: string, revision: string, results: string): Promise<Outcomes> => {
  await rm(results, { recursive: true, force: true });
  const args = ["server", "--url", url, "--suite", "all", "--spec-version", revision, "-o", results];
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "close");
  const outcomes = new Map<string, string>();
  for (const name of await readdir(results)) {
    const scenario = name.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT.*$/, "");
    const text = await readFile(join(results, name, "checks.json"), "utf8");
    for (const { id, status } of checks.parse(JSON.parse(text))) {
      const key = `${scenario}: ${id}`;
      const before = outcomes.get(key);
      if (rank.indexOf(status) > rank.indexOf(before ?? "")) outcomes.set(key, status);
    }
  }
  return outcomes;
};

export const countOf = (outcomes: Outcomes, status: string): number =>
  [...outcomes.values()].filter((each) => each === status).length;

/** What is not the same in both, check by check. */
export const differences = (direct: Outcomes, through: Outcomes): readonly string[] =>
  [...new Set([...direct.keys(), ...through.keys()])].flatMap((key) => {
    const [one = "absent", other = "absent"] = [direct.get(key), through.get(key)];
    return one === other ? [] : [`${key}: ${one} direct, ${other} through the bridge`];
  });
