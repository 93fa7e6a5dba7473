import { expect, test } from "vitest";
import { bridgesIn } from "../../../../src/core/clients/bridgesIn.ts";
import { bridgeCommand } from "../../../../src/core/config/command/bridgeCommand.ts";

const userAuth = { url: "${CRM_URL}/mcp", issuer: "https://idp.example.com", clientId: "lanyard" };
const crm = bridgeCommand("crm");
const inFile = (crmEntry: unknown, beside: object = {}): string =>
  JSON.stringify({ ...beside, mcpServers: { crm: crmEntry } });

test.each([
  ["a bridge, its URL by a variable", inFile({ ...crm, userAuth }), true],
  ["one of cmd.exe", inFile({ ...bridgeCommand("crm", "cmd"), userAuth }), true],
  ["one whose userAuth stands beside mcpServers", inFile(crm, { userAuth }), true],
  ["behind a byte order mark", `\ufeff${inFile({ ...crm, userAuth })}`, true],
  ["the bridge of another entry", inFile({ ...bridgeCommand("wiki"), userAuth }), false],
  ["a server of somebody else's", inFile({ command: "npx", args: ["crm"], userAuth }), false],
  ["a bridge without userAuth", inFile(crm), false],
  ["a server by its URL", inFile({ type: "http", url: "https://crm.example", userAuth }), false],
  ["no object", inFile(7), false],
])("%s", (_, text, isBridge) => {
  expect([...bridgesIn(text)]).toEqual([["crm", isBridge]]);
});

test.each(["", "{", "[]", "7", '{"mcpServers":[]}', "null"])("nothing in %s", (text) => {
  expect([...bridgesIn(text)]).toEqual([]);
});
