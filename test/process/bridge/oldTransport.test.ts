/** Servers that no bridge passes on say so, where to go on, and nothing of them is a bare error. */
import { expect, test } from "vitest";
import { startOldServer } from "../../support/mcpServers/oldServer.ts";
import { textIn } from "./client.ts";
import { useStage } from "./stage.ts";
import { token } from "./window.ts";

const now = useStage();
const told = /speaks only the older transport of MCP \(SSE\).*Streamable HTTP address.*headersHelper/;

test.each([400, 404, 405])(
  "a connector of the older transport, which refuses a POST with %d, is named as that, in its tool and in a call",
  async (status) => {
    await using old = await startOldServer(status);
    now().window.load({ url: old.url });
    const client = await now().begun();
    const { result } = await client.ask("tools/list");
    expect(result?.tools?.[0]?.description).toMatch(told);
    const answer = textIn(await client.call("echo"));
    expect(answer).toMatch(told);
    expect(answer).not.toMatch(/https?:|127\.0\.0\.1/);
    expect(old.requests.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
  },
);

test("one that refuses in the same words and has no such stream is not taken for one", async () => {
  const { connector, begun } = now();
  connector.hasStream = false;
  connector.fault({ rpc: "initialize", status: 405, times: 99 });
  const client = await begun();
  expect(textIn(await client.call("echo"))).toMatch(/The connector answered 405/);
});

test.each(["sse", "ws"] as const)(
  "an entry that says %s is refused with what to write",
  async (transport) => {
    now().window.load({ transport });
    const client = await now().begun();
    expect(textIn(await client.call("echo"))).toMatch(
      new RegExp(`speaks ${transport}, which the bridge does not. Write its Streamable HTTP address`),
    );
    expect(now().connector.seen).toEqual([]);
  },
);
