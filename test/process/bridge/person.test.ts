import { expect, test, vi } from "vitest";
import type { Grant } from "../../../src/core/credentials/grant.ts";
import { grants } from "../../support/grants.ts";
import { textIn, type BridgeClient, type Reply } from "./client.ts";
import { useStage, type Stage } from "./stage.ts";
import { goodGrant } from "./window.ts";

const now = useStage();

const page = "https://vault.example.com/connect?state=secret-canary";
const needsConnection = (): Grant => grants.needsConnection({ url: page, intervalMs: 100 });

/** A client whose call is held, and what its person was asked. */
const held = async (
  { window, begun }: Stage,
  action: string,
  declared?: object,
): Promise<{ client: BridgeClient; asked: Reply; call: Promise<Reply> }> => {
  window.answer = needsConnection;
  await window.check();
  const client = await begun(declared);
  client.onAsk = ({ method }) => (method === "elicitation/create" ? { result: { action } } : undefined);
  const call = client.call("echo", { text: "through" });
  const asked = await client.heard(({ method }) => method === "elicitation/create");
  if (asked === undefined) throw new Error("Nobody was asked.");
  return { client, asked, call };
};

test("the client's own dialog shows where to go, and the call goes on once the vault says so", async () => {
  const stage = now();
  const { client, asked, call } = await held(stage, "accept");
  expect(asked.params).toMatchObject({ mode: "url", url: page });
  expect(asked.params?.["message"]).toMatch(/^odd: Access has to be authorized once/);
  // Accepted is not done.
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(stage.connector.of("tools/call")).toEqual([]);
  expect(client.messages.some(({ method }) => method === "notifications/elicitation/complete")).toBe(false);
  stage.window.answer = goodGrant;
  expect(textIn(await call)).toBe("through");
  const complete = client.messages.findIndex(({ method }) => method === "notifications/elicitation/complete");
  expect(client.messages[complete]?.params).toEqual({ elicitationId: asked.params?.["elicitationId"] });
  expect(stage.connector.ran.get("echo")).toBe(1);
  expect(stage.connector.seen.some(({ raw }) => raw.includes("lanyard-"))).toBe(false);
});

test.each([["decline"], ["cancel"]])(
  "a person who says %s has the call end, and the next one asks again",
  async (action) => {
    const { client, call } = await held(now(), action);
    expect((await call).error?.code).toBe(-32001);
    expect(textIn(await call)).not.toMatch(/https?:|secret-canary/);
    const before = client.messages.filter(({ method }) => method === "elicitation/create").length;
    await client.call("echo");
    expect(client.messages.filter(({ method }) => method === "elicitation/create")).toHaveLength(before + 1);
  },
);

test.each([[{}], [{ elicitation: {} }], [{ elicitation: { form: {} } }]])(
  "a client that declared %j is asked nothing, and answered at once",
  async (declared) => {
    const { window, begun } = now();
    window.answer = needsConnection;
    await window.check();
    const client = await begun(declared);
    const reply = await client.call("echo", {}, 5000);
    expect(textIn(reply)).toMatch(/Access has to be authorized once.*lanyard status/s);
    expect(textIn(reply)).not.toMatch(/https?:|secret-canary/);
    expect(client.messages.some(({ method }) => method === "elicitation/create")).toBe(false);
  },
);

test("what waits on a phone is waited for, progress is told, and the call goes on", async () => {
  const { window, begun } = now();
  window.answer = () => grants.pending({ expiresAtMs: Date.now() + 60_000, intervalMs: 100 });
  await window.check();
  const client = await begun({});
  client.send({
    ...{ jsonrpc: "2.0", id: "p", method: "tools/call" },
    params: { name: "echo", arguments: { text: "through" }, _meta: { progressToken: "t" } },
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await client.heard(({ id }) => id === "p", 1)).toBeUndefined();
  window.answer = goodGrant;
  const reply = await client.heard(({ id }) => id === "p", 25_000);
  expect(reply && textIn(reply)).toBe("through");
});

test("a list asks nobody for anything", async () => {
  const { window, begun } = now();
  window.answer = needsConnection;
  await window.check();
  const client = await begun();
  await client.ask("tools/list");
  await client.ask("resources/list");
  expect(client.messages.some(({ method }) => method === "elicitation/create")).toBe(false);
  await vi.waitFor(() => expect(client.isAlive).toBe(true));
});
