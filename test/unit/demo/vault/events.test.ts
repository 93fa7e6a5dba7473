import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Acme } from "../../../../demo/demo.ts";
import { put, revoke, signIn, start, type WireAnswer, wireAnswer } from "../acme.ts";

let demo: Acme;
let token: string;
beforeAll(async () => {
  demo = await start();
  token = (await signIn(demo)).tokens.access_token;
});
afterAll(() => demo.close());

const events = async (query: string): Promise<WireAnswer> =>
  wireAnswer(await fetch(`${demo.vault}/events${query}`, { headers: { authorization: `Bearer ${token}` } }));

describe("the vault's events", () => {
  it("are none when nothing has happened", async () => {
    expect(await events("")).toMatchObject({ status: 200, body: { events: [] } });
  });

  it("arrive the moment a policy changes", async () => {
    const { body } = await events("");
    const cursor = String(body["cursor"]);
    const held = events(`?wait=20&after=${cursor}`);
    await put(demo, "github", { state: "deny" });
    expect((await held).body["events"]).toEqual([{ type: "connector-changed", connector: "github" }]);
  });

  it("that happened between two polls are not lost to whoever sends the cursor back", async () => {
    const { body } = await events("");
    await put(demo, "github", { state: "allow" });
    const later = await events(`?after=${String(body["cursor"])}`);
    expect(later.body["events"]).toEqual([{ type: "connector-changed", connector: "github" }]);
  });

  it("refuses nonsense", async () => {
    expect(await events("?wait=soon")).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  it("tell a revocation to whoever is listening; after it the token is dead", async () => {
    const { body } = await events("");
    const held = events(`?wait=20&after=${String(body["cursor"])}`);
    await revoke(demo, "alice");
    expect((await held).body["events"]).toEqual([{ type: "session-revoked" }]);
    expect((await events("")).status).toBe(401);
  });
});
