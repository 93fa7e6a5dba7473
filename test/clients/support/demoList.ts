import { expect } from "vitest";
import type { ClaudeCode } from "../../../scripts/clients/claudeCode.ts";
import type { AcmeWindow } from "../../support/acmeWindow.ts";
import { openClaudeFolder } from "./claudeFolder.ts";

/** What `claude mcp list` says behind each of the demo's addresses; the sign before it is the system's. */
const connected = /\S Connected$/;
const refusedLocally = String.raw`\S Failed to connect — Invalid header name: `;
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

export interface DemoList {
  /** By connector, what its line says. */
  readonly said: Readonly<Record<string, string>>;
  /** How many requests came to a connector without a credential. */
  readonly bare: number;
}

/** Lists the demo's folder in the real client, with the real helper and a window that answers it. */
export const listDemo = async (
  acme: AcmeWindow,
  client: ClaudeCode,
  env: Readonly<Record<string, string>> = {},
): Promise<DemoList> => {
  await using folder = await openClaudeFolder({ isTrusted: true, project: acme.workspace });
  const { stdout } = await folder.run(client, ["mcp", "list"], { env: { LANYARD_HOME: acme.home, ...env } });
  const lines = [
    ...stdout
      .replaceAll("\r", "")
      .matchAll(/^([\w-]+): ((?:http|sh |cmd ).*?)(?: \(HTTP\))? - ([✔✘√×].*)$/gm),
  ];
  return {
    said: Object.fromEntries(lines.map(([, name = "", , said = ""]) => [name, said])),
    bare: await strangers(acme),
  };
};

const strangers = async (acme: AcmeWindow): Promise<number> => {
  const lines = await Promise.all(Object.keys(expected).map((name) => acme.audit(name)));
  return lines.flat().filter(({ policy }) => policy === "credential-check").length;
};

export const expectDemo = ({ said, bare }: DemoList): void => {
  expect(Object.keys(said).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, what] of Object.entries(expected)) expect(said[name], name).toMatch(what);
  expect(bare).toBe(0);
};
