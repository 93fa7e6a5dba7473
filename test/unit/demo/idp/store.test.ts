import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Store } from "../../../../demo/idp/store.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the identity provider's store", () => {
  it("forgets an entry at its time", async () => {
    const tokens = new Store().adapter("AccessToken");
    await tokens.upsert("a", { accountId: "alice" }, 10);
    vi.setSystemTime(Date.now() + 9_999);
    expect(await tokens.find("a")).toMatchObject({ accountId: "alice" });
    vi.setSystemTime(Date.now() + 1);
    expect(await tokens.find("a")).toBeUndefined();
  });

  it("finds sessions by uid and devices by code, each among its own", async () => {
    const store = new Store();
    await store.adapter("Session").upsert("s", { uid: "same" }, 10);
    await store.adapter("DeviceCode").upsert("d", { userCode: "same" }, 10);
    expect(await store.adapter("Session").findByUid("same")).toEqual({ uid: "same" });
    expect(await store.adapter("DeviceCode").findByUid("same")).toBeUndefined();
    expect(await store.adapter("DeviceCode").findByUserCode("same")).toEqual({ userCode: "same" });
  });

  it("marks what was used, and revokes by grant", async () => {
    const tokens = new Store().adapter("RefreshToken");
    await tokens.upsert("a", { grantId: "one" }, 10);
    await tokens.upsert("b", { grantId: "two" }, 10);
    await tokens.consume("a");
    expect(await tokens.find("a")).toMatchObject({ consumed: expect.any(Number) as unknown });
    await tokens.revokeByGrantId("one");
    expect([await tokens.find("a"), await tokens.find("b")]).toEqual([undefined, { grantId: "two" }]);
  });

  it("forgets a person altogether, and nobody else", async () => {
    const store = new Store();
    const session = { accountId: "alice", uid: "u", cookie: "c" };
    await store.adapter("Session").upsert("s", { accountId: "alice" }, 10);
    await store.adapter("RefreshToken").upsert("r", { accountId: "alice" }, 10);
    await store.adapter("Interaction").upsert("i", { session }, 10);
    await store.adapter("RefreshToken").upsert("bobs", { accountId: "bob" }, 10);
    expect(store.countFor("alice", "RefreshToken")).toBe(1);
    store.forgetAccount("alice");
    expect(store.countFor("alice", "RefreshToken")).toBe(0);
    expect(await store.adapter("Session").find("s")).toBeUndefined();
    expect(await store.adapter("Interaction").find("i")).toBeUndefined();
    expect(await store.adapter("RefreshToken").find("bobs")).toBeDefined();
  });
});
