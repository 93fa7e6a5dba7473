import { mkdtemp, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import type { ClaudeCode } from "../../scripts/clients/claudeCode.ts";
import { shortTmp } from "../../scripts/support/paths.ts";
import { run } from "../process/support.ts";
import { asAdministered, canBeAdministered } from "../support/administered.ts";
import { offline } from "./support/claudeFolder.ts";
import type { Layout, Looking } from "./support/layoutParts.ts";
import { layouts } from "./support/layouts.ts";
import { openMachine, type Machine } from "./support/machine.ts";
import { startListener, type Listener } from "./support/listener.ts";
import { readByLanyard, type Named } from "./support/reader.ts";
import { leaveTable } from "./support/tables.ts";

/**
 * Which servers the real client names in a folder, and which Lanyard's reader does (docs/client-files.md). A difference
 * is a fault, or is argued in the layout. The administrator's folder is another's in a mount namespace, which takes root.
 */

const runClient = async (
  client: ClaudeCode,
  machine: Machine,
  { open, cwd = open, env = {} }: Looking,
  args: readonly string[],
): Promise<string> => {
  const whole = { PATH: process.env["PATH"] ?? "", HOME: machine.home, ...offline, ...env };
  const command = [client.program, ...args];
  const prefix = canBeAdministered && machine.isManaged() ? asAdministered(machine.base) : [];
  const { stdout } = await run([...prefix, ...command], { cwd, env: whole });
  return stdout;
};

/** Those of its own entries that the client names, with the address that it would connect to. */
const readByClient = async (
  client: ClaudeCode,
  machine: Machine,
  looking: Looking,
  listener: Listener,
): Promise<Named> => {
  if (looking.before !== undefined) await runClient(client, machine, looking, looking.before);
  const listed = await runClient(client, machine, looking, ["mcp", "list"]);
  const lines = [...listed.matchAll(/^([\w-]+): (http.+) \(HTTP\) - /gm)];
  return Object.fromEntries(
    lines.flatMap(([, name = "", url = ""]) => {
      if (url.includes("/other/")) return [];
      return [[name, url.startsWith(machine.origin) ? (listener.take(name) ?? url) : url] as const];
    }),
  );
};

const inWords = (named: Named): string => {
  const parts = Object.entries(named).map(
    ([name, url]) => `${name} → ${url.replace(/^http:..127.0.0.1:\d+./, "")}`,
  );
  return parts.length === 0 ? "none" : parts.toSorted().join(", ");
};

/** What one layout came to. `fault` says which names differ, and for no reason that the layout gives. */
interface Compared {
  readonly line: { readonly measured: string; readonly closed: boolean; readonly how: string };
  readonly faults: readonly string[];
}

const compared = (title: string, client: Named, lanyard: Named, argued: Named): Compared => {
  const names = [...new Set([...Object.keys(client), ...Object.keys(lanyard), ...Object.keys(argued)])];
  const differ = names.filter((name) => client[name] !== lanyard[name]);
  const faults = names.filter((name) => differ.includes(name) !== Object.hasOwn(argued, name));
  const why = [...new Set(differ.map((name) => argued[name] ?? "NOT ARGUED"))].join("; ");
  const how =
    differ.length === 0
      ? `both: ${inWords(lanyard)}`
      : `client: ${inWords(client)}; Lanyard: ${inWords(lanyard)}. ${why}`;
  const line = { measured: title, closed: faults.length === 0, how };
  return { line, faults: faults.map((name) => `${title}: ${name}`) };
};

const arguedOf = ({ version }: ClaudeCode, { argued = {}, older }: Looking): Named =>
  older !== undefined && version.localeCompare(older.before, "en", { numeric: true }) < 0
    ? older.argued
    : argued;

/** Undefined where the layout takes the administrator's folder, and this is not root. */
const compare = async (
  client: ClaudeCode,
  title: string,
  layout: Layout,
  listener: Listener,
): Promise<Compared | undefined> => {
  const base = await realpath(await mkdtemp(join(shortTmp, "lanyard-places-")));
  try {
    const machine = openMachine(base, listener.origin);
    const looking = layout(machine);
    if (machine.isManaged() && !canBeAdministered) return undefined;
    const theirs = await readByClient(client, machine, looking, listener);
    const ours = await readByLanyard(machine, looking);
    return compared(title, theirs, ours, arguedOf(client, looking));
  } finally {
    await rm(base, { recursive: true, force: true });
  }
};

const clients = inject("claudeCodes");

test("the comparison holds at least twelve layouts", () => {
  expect(Object.keys(layouts).length).toBeGreaterThanOrEqual(12);
});

describe.skipIf(clients.length === 0)("the servers that are named by Lanyard and by", () => {
  test.for(clients)("Claude Code $version", async (client) => {
    await using listener = await startListener();
    const all: Compared[] = [];
    for (const [title, layout] of Object.entries(layouts)) {
      const one = await compare(client, title, layout, listener);
      if (one !== undefined) all.push(one);
    }
    await leaveTable(`4-places-${client.version}`, {
      title: `Claude Code ${client.version}: the servers it names, and those that Lanyard does`,
      lines: all.map(({ line }) => line),
    });
    expect(all.flatMap(({ faults }) => faults)).toEqual([]);
  });
});
