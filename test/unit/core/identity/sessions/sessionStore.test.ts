import { describe, expect, it } from "vitest";
import {
  formatRecord,
  recordId,
  type LiveRecord,
} from "../../../../../src/core/identity/sessions/records.ts";
import { SessionStore } from "../../../../../src/core/identity/sessions/sessionStore.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { memoryMemory, memorySecrets, recordingLog } from "../../../../support/ports.ts";

const record = (change: Partial<LiveRecord> = {}): LiveRecord => ({
  version: 1,
  kind: "live",
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  subject: "alice",
  accountLabel: "alice",
  scopes: ["openid"],
  signedInAtMs: 1,
  accessToken: new Secret("access-canary"),
  ...change,
});

const setUp = () => {
  const ports = { secrets: memorySecrets(), memory: memoryMemory(), log: recordingLog() };
  return { ...ports, ports, store: new SessionStore(ports) };
};

const keyOf = (id: string): string => `lanyard.session.${id}`;

describe("the session store", () => {
  it("keeps each session under a key of its own, which does not tell whose it is", async () => {
    const { store, secrets } = setUp();
    await store.write(record());
    await store.write(record({ subject: "bob" }));
    const keys = [...secrets.entries.keys()].filter((key) => key !== "lanyard.sessions");
    expect(keys).toHaveLength(2);
    expect(keys.join()).not.toMatch(/alice|bob|idp/);
  });

  it("finds them again after a restart", async () => {
    const { store, ports } = setUp();
    const id = await store.write(record());
    store.dispose();
    expect(await new SessionStore(ports).all()).toMatchObject([{ kind: "live", id }]);
  });

  it("puts no token anywhere but into the secret storage", async () => {
    const { store, memory, log } = setUp();
    await store.write(record());
    expect([...memory.entries].join() + log.text()).not.toContain("canary");
  });

  it.each(["{", "null", "[]", '{"version":1}', ""])(
    "takes the damaged record %j for a loss, logs it, and goes on",
    async (text) => {
      const { store, secrets, log } = setUp();
      const id = await store.write(record());
      await store.write(record({ subject: "bob" }));
      secrets.entries.set(keyOf(id), text);
      expect((await store.all()).map(({ kind }) => kind).sort()).toEqual(["live", "lost"]);
      expect(log.entries.map(({ event }) => event)).toContain("identity.record.unreadable");
    },
  );

  it("takes a record under another one's key for none: a session is of its issuer, client and subject alone", async () => {
    const { store, secrets } = setUp();
    const id = await store.write(record());
    secrets.entries.set(keyOf(id), formatRecord(record({ issuer: "https://evil.example" })));
    expect(await store.read(id)).toMatchObject({ kind: "lost" });
  });

  it("tells a storage that forgot from one that never held anything", async () => {
    const { store, secrets } = setUp();
    const id = await store.write(record());
    secrets.forget();
    expect(await store.read(id)).toMatchObject({ kind: "lost", issuer: "https://idp.example.com" });
    expect(await store.read(await recordId({ ...record(), subject: "bob" }))).toMatchObject({
      kind: "absent",
    });
  });

  describe("in another profile, whose memory is another", () => {
    const profiles = () => {
      const { store, ports, ...shared } = setUp();
      const other = new SessionStore({ ...ports, memory: memoryMemory() });
      return { store, other, ports, ...shared };
    };

    it("finds what was written before it opened", async () => {
      const { store, ports } = profiles();
      const id = await store.write(record());
      await store.write(record({ subject: "bob" }));
      const later = new SessionStore({ ...ports, memory: memoryMemory() });
      expect(await later.all()).toMatchObject([{ kind: "live", id }, { kind: "live" }]);
    });

    it.each(["one after the other", "at the same time"])("keeps what both write %s", async (when) => {
      const { store, other, ports } = profiles();
      await Promise.all([store.all(), other.all()]);
      if (when === "at the same time")
        await Promise.all([store.write(record()), other.write(record({ subject: "bob" }))]);
      else {
        await store.write(record());
        await other.write(record({ subject: "bob" }));
      }
      // Each writes its session anew with every renewal, and with it the list.
      await store.write(record());
      await other.write(record({ subject: "bob" }));
      const later = new SessionStore({ ...ports, memory: memoryMemory() });
      expect((await later.all()).map(({ kind }) => kind)).toEqual(["live", "live"]);
    });

    it("takes what it removed itself for removed in both, not for forgotten", async () => {
      const { store, other } = profiles();
      const id = await store.write(record());
      await other.write(record());
      await other.remove(id);
      expect(await store.read(id)).toEqual({ kind: "absent", id });
      expect(await other.read(id)).toEqual({ kind: "absent", id });
    });

    it("tells a storage that forgot, where it has written", async () => {
      const { store, other, secrets } = profiles();
      const id = await store.write(record());
      await other.write(record());
      secrets.forget();
      expect(await other.read(id)).toMatchObject({ kind: "lost" });
      await other.write(record({ subject: "bob" }));
      expect(await other.read(id)).toMatchObject({ kind: "lost" });
    });

    it.each(["{", "[]", '{"version":2}', ""])("survives the list %j", async (text) => {
      const { store, other, secrets } = profiles();
      secrets.entries.set("lanyard.sessions", text);
      expect(await other.all()).toEqual([]);
      await store.write(record());
      expect(await other.all()).toMatchObject([{ kind: "live" }]);
    });
  });

  it("hears of a record that another window wrote, though the index has not arrived yet", async () => {
    const { store, secrets, log } = setUp();
    const heard: string[] = [];
    store.onDidChange(({ id }) => heard.push(id));
    const other = new SessionStore({ secrets, memory: memoryMemory(), log });
    const id = await other.write(record());
    expect(heard).toEqual([id]);
    expect(await store.all()).toMatchObject([{ kind: "live", id }]);
  });

  it("survives an index that is not one", async () => {
    const { store, memory } = setUp();
    memory.entries.set("lanyard.sessions", '{"version":7}');
    expect(await store.all()).toEqual([]);
    await store.write(record());
    expect(await store.all()).toHaveLength(1);
  });

  it("says that the storage does not work, instead of answering with nothing", async () => {
    const { store, secrets } = setUp();
    secrets.refusal = new Error("no keyring");
    secrets.locked = secrets.refusal;
    const failure = { code: "storageFailed" };
    await expect(store.write(record())).rejects.toMatchObject(failure);
    await expect(store.read("id")).rejects.toMatchObject(failure);
    await expect(store.remove("id")).rejects.toMatchObject(failure);
  });

  it("no longer listens once it is disposed of", async () => {
    const { store, secrets } = setUp();
    const heard: string[] = [];
    store.onDidChange(({ id }) => heard.push(id));
    store.dispose();
    await secrets.store(keyOf("x"), "y");
    expect(heard).toEqual([]);
  });
});
