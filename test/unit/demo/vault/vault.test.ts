import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VaultAnswer } from "../../../../demo/vault/answer.ts";
import { Vault } from "../../../../demo/vault/vault.ts";

const alice = { user: "alice", acr: undefined, authTimeSeconds: undefined, keyThumbprint: undefined };

let vault: Vault;
const ask = (connector: string, holds = false): VaultAnswer =>
  vault.query({ subject: alice, connector, traceId: null, holds });
const openPush = (): string => vault.requests.pending("push")[0]?.id ?? "";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vault = new Vault({
    url: "http://127.0.0.1:1",
    connectors: [
      { name: "crm", title: "CRM", policy: { state: "step-up", method: "push" } },
      { name: "wiki", title: "Wiki", policy: { state: "needs-connection", method: "push" } },
      { name: "form", title: "Form", policy: { state: "step-up", method: "url" } },
      { name: "mail", title: "Mail", policy: { state: "allow", method: "push" } },
    ],
    users: ["alice", "bob"],
    credentialSeconds: 300,
  });
});
afterEach(() => {
  vi.useRealTimers();
});
const later = (seconds: number): void => {
  vi.setSystemTime(Date.now() + seconds * 1000);
};

describe("a push", () => {
  it("is one request, however often it is asked about", () => {
    const first = ask("crm");
    later(1);
    const second = ask("crm");
    expect(first).toMatchObject({ kind: "push", expiresInSeconds: 120, tooFast: false });
    expect(second).toMatchObject({ kind: "push", expiresInSeconds: 119, tooFast: false });
    expect(vault.requests.pending("push")).toHaveLength(1);
  });

  it("slows down whoever polls faster than half the interval, but not whoever holds the line", () => {
    ask("crm");
    later(0.4);
    expect(ask("crm")).toMatchObject({ kind: "push", tooFast: true });
    later(0.4);
    expect(ask("crm", true)).toMatchObject({ kind: "push", tooFast: false });
    later(0.5);
    expect(ask("crm")).toMatchObject({ kind: "push", tooFast: false });
  });

  it("grants once approved, for five minutes", () => {
    ask("crm");
    expect(vault.settle(openPush(), "approved")).toBe(true);
    expect(ask("crm").kind).toBe("granted");
    later(299);
    expect(ask("crm").kind).toBe("granted");
    later(1);
    expect(ask("crm").kind).toBe("push");
  });

  it("tells a rejection once, then asks anew", () => {
    ask("crm");
    vault.settle(openPush(), "rejected");
    expect(ask("crm")).toMatchObject({ kind: "denied", by: "user" });
    expect(ask("crm").kind).toBe("push");
  });

  it("tells that it expired, once, and cannot be approved any more", () => {
    ask("crm");
    const id = openPush();
    later(120);
    expect(vault.settle(id, "approved")).toBe(false);
    expect(ask("crm").kind).toBe("expired");
    expect(ask("crm").kind).toBe("push");
  });

  it("is forgotten when nobody comes back for its end", () => {
    ask("crm");
    later(120 + 60);
    expect(ask("crm").kind).toBe("push");
  });

  it("for a demand of the connector: a rejection withdraws the demand", () => {
    vault.demandStepUp("alice", "mail");
    expect(ask("mail").kind).toBe("push");
    vault.settle(openPush(), "rejected");
    expect(ask("mail").kind).toBe("denied");
    expect(ask("mail").kind).toBe("granted");
  });

  it("ends when the policy changes", () => {
    ask("crm");
    vault.setPolicy("crm", { state: "allow", method: "push" });
    expect(vault.requests.pending()).toEqual([]);
    expect(ask("crm").kind).toBe("granted");
  });
});

describe("a connection", () => {
  it("is for the one who made it", () => {
    const answer = ask("wiki");
    expect(answer.kind).toBe("needs-connection");
    vault.settle(vault.requests.pending("connection")[0]?.id ?? "", "approved");
    expect(ask("wiki").kind).toBe("granted");
    const bob = { ...alice, user: "bob" };
    expect(vault.query({ subject: bob, connector: "wiki", traceId: null, holds: false }).kind).toBe(
      "needs-connection",
    );
  });

  it("may be asked for several times at once; only who goes on like that is told to slow down", () => {
    const answers = [ask("wiki"), ask("wiki"), ask("wiki"), ask("wiki")];
    expect(answers.map((answer) => answer.kind === "needs-connection" && answer.tooFast)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("has a link of its own after the old one is over", () => {
    const first = ask("wiki");
    later(601);
    const second = ask("wiki");
    expect(second.kind).toBe("needs-connection");
    expect(second).not.toMatchObject({ url: first.kind === "needs-connection" ? first.url : "" });
  });
});

describe("a step-up by page", () => {
  it("grants once the page was confirmed", () => {
    expect(ask("form")).toMatchObject({ kind: "step-up-url" });
    vault.settle(vault.requests.pending("url")[0]?.id ?? "", "approved");
    expect(ask("form").kind).toBe("granted");
  });
});

describe("a credential", () => {
  const secretOf = (answer: VaultAnswer): string =>
    answer.kind === "granted" ? answer.credential.secret : `not granted but ${answer.kind}`;

  it("dies at its time", () => {
    const secret = secretOf(ask("mail"));
    later(299);
    expect(vault.credentials.find(secret)).toMatchObject({ user: "alice", connector: "mail" });
    later(1);
    expect(vault.credentials.find(secret)).toBeUndefined();
  });

  it("dies with its user's revocation, and when its connector's policy changes", () => {
    const first = secretOf(ask("mail"));
    vault.revoke("alice");
    expect(vault.credentials.find(first)).toBeUndefined();
    const second = secretOf(ask("mail"));
    vault.setPolicy("mail", { state: "deny", method: "push" });
    expect(vault.credentials.find(second)).toBeUndefined();
  });
});

describe("the audit log", () => {
  it("has one line for each answer, newest last, and names the credential", () => {
    ask("mail");
    vault.setPolicy("mail", { state: "deny", method: "push" });
    vault.query({ subject: alice, connector: "mail", traceId: "a".repeat(32), holds: false });
    const [granted, denied] = vault.audit.entries();
    expect(granted).toMatchObject({
      user: "alice",
      connector: "mail",
      policy: "allowed",
      outcome: "granted",
    });
    expect(granted?.credentialId).toMatch(/^[0-9a-f-]{36}$/);
    expect(denied).toEqual({
      at: new Date().toISOString(),
      user: "alice",
      connector: "mail",
      policy: "denied-by-policy",
      outcome: "denied by policy",
      traceId: "a".repeat(32),
    });
  });
});
