import { describe, expect, inject, test } from "vitest";
import { openAcmeWindow, type AcmeWindow } from "../support/acmeWindow.ts";
import { openClaudeFolder } from "./support/claudeFolder.ts";
import type { ClaudeCode } from "../../scripts/clients/claudeCode.ts";
import { leaveTable } from "./support/tables.ts";

/** `claude mcp list` in the folder of the demo company, with the real helper and a window that answers it. */

const connected = /✔ Connected$/;
const refusedLocally = "✘ Failed to connect — Invalid header name: ";

/** What each line says behind the connector's address. */
const expected: Readonly<Record<string, RegExp>> = {
  salesforce: connected,
  github: connected,
  linear: connected,
  notion: new RegExp(`${refusedLocally}.*Access has to be authorized once`),
  slack: new RegExp(`${refusedLocally}.*Denied by policy`),
  sentry: connected,
  pagerduty: new RegExp(`${refusedLocally}.*A stronger .+-in is required`),
  platform: connected,
};

const listed = async (acme: AcmeWindow, client: ClaudeCode): Promise<Readonly<Record<string, string>>> => {
  await using folder = await openClaudeFolder({ isTrusted: true, project: acme.workspace });
  const { stdout } = await folder.run(client, ["mcp", "list"], { env: { LANYARD_HOME: acme.home } });
  const lines = [...stdout.matchAll(/^([\w-]+): ((?:http|sh ).*?)(?: \(HTTP\))? - ([✔✘].*)$/gm)];
  return Object.fromEntries(lines.map(([, name = "", , said = ""]) => [name, said]));
};

const strangers = async (acme: AcmeWindow): Promise<number> => {
  const lines = await Promise.all(Object.keys(expected).map((name) => acme.audit(name)));
  return lines.flat().filter(({ policy }) => policy === "credential-check").length;
};

const clients = inject("claudeCodes");

describe.skipIf(clients.length === 0)("the demo, as listed by", () => {
  test.for(clients)("Claude Code $version", async (client) => {
    await using acme = await openAcmeWindow();
    const said = await listed(acme, client);
    const bare = await strangers(acme);
    await leaveTable(`3-demo-${client.version}`, {
      title: `Claude Code ${client.version}: the demo's eight connectors`,
      lines: Object.entries(said).map(([name, how]) => ({ measured: name, closed: bare === 0, how })),
    });
    expect(Object.keys(said).toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const [name, what] of Object.entries(expected)) expect(said[name], name).toMatch(what);
    expect(bare).toBe(0);
  });
});
