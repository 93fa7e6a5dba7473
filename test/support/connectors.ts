import type { BrokenEntry, Catalogue, Connector } from "../../src/core/config/connector.ts";

const file = "/work/acme/.mcp.json";

/** A connector of the workspace folder /work/acme; `over` changes what a test is about. */
export const connectorNamed = (name: string, over: Partial<Connector> = {}): Connector => ({
  id: JSON.stringify([over.origin?.file ?? file, name]),
  name,
  transport: "http",
  url: `https://mcp.${name}.example.com/mcp`,
  userAuth: { issuer: "https://idp.example.com", clientId: "lanyard", scopes: ["openid", "profile"] },
  credential: { source: "token-exchange", resource: `https://mcp.${name}.example.com` },
  helper: { kind: "lanyard" },
  helperCommand: "lanyard headers",
  origin: { kind: "workspace", file, folder: "/work/acme" },
  place: { file, line: 2, column: 4, endLine: 2, endColumn: 12 },
  ...over,
});

export const brokenNamed = (name: string, over: Partial<BrokenEntry> = {}): BrokenEntry => ({
  id: JSON.stringify([file, name]),
  name,
  origin: { kind: "workspace", file, folder: "/work/acme" },
  place: { file, line: 2, column: 4, endLine: 2, endColumn: 12 },
  issues: [{ code: "missing", severity: "error", template: "The issuer is missing.", args: [] }],
  ...over,
});

export const catalogueOf = (
  connectors: readonly Connector[],
  broken: readonly BrokenEntry[] = [],
): Catalogue => ({ connectors, broken, issues: [] });
