import { describe, inject, test } from "vitest";
import { openAcmeWindow } from "../support/acmeWindow.ts";
import { expectDemo, listDemo } from "./support/demoList.ts";
import { leaveTable } from "./support/tables.ts";

/** `claude mcp list` in the folder of the demo company, with the real helper and a window that answers it. */

const clients = inject("claudeCodes");

describe.skipIf(clients.length === 0)("the demo, as listed by", () => {
  test.for(clients)("Claude Code $version", async (client) => {
    await using acme = await openAcmeWindow();
    const list = await listDemo(acme, client);
    await leaveTable(`3-demo-${client.version}`, {
      title: `Claude Code ${client.version}: the demo's eight connectors`,
      lines: Object.entries(list.said).map(([name, how]) => ({
        ...{ measured: name, closed: list.bare === 0, how },
      })),
    });
    expectDemo(list);
  });
});
