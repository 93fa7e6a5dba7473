import { afterEach, describe, expect, it } from "vitest";
import { EditorServers, type Resolution } from "../../../../../src/core/mcp/editorClient/servers.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { english } from "../../../../../src/core/text.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { grants } from "../../../../support/grants.ts";
import { acme, never, sessionWith, settle, type Acme } from "../../connectors/acme.ts";

interface Office extends Acme {
  readonly servers: EditorServers;
  /** How often the editor was told to look again. */
  readonly told: { count: number };
  /** Starts salesforce as the editor does. */
  readonly start: () => Promise<Resolution>;
  readonly check: () => Promise<void>;
}

const open = { isOpen: true, taken: new Set<string>(), breadth: "ready" } as const;
const offices: Office[] = [];
afterEach(async () => {
  await settle();
  for (const { servers, waits, clock } of offices.splice(0)) {
    servers.dispose();
    expect([waits.size, clock.pending]).toEqual([0, 0]);
  }
});

/** The real board, pipeline and waits; salesforce has been checked and is ready. */
const office = async (): Promise<Office> => {
  const made = acme();
  const servers = new EditorServers({ ...made, t: english, terms: open });
  const told = { count: 0 };
  servers.onDidChange(() => (told.count += 1));
  const { name: label, url, id } = made.connector;
  const check = async (): Promise<void> => {
    await made.pipeline.obtain(id, { requester: "check", signal: never() });
  };
  const all = { ...made, servers, told, check, start: () => servers.resolve({ label, url }, never()) };
  offices.push(all);
  await check();
  return all;
};

const versionOf = ({ servers }: Office): string | undefined => servers.definitions()[0]?.version;

describe("a server of the editor's own client", () => {
  it("comes once its connector is ready, and brings no credential by itself", async () => {
    const { servers, told } = await office();
    expect(told.count).toBe(1);
    expect(servers.definitions()).toEqual([
      {
        label: "salesforce",
        url: "https://mcp.salesforce.example.com/mcp",
        version: expect.any(String) as string,
      },
    ]);
  });

  it("gets its credential when it starts, from the vault and never from memory", async () => {
    const { start, vault } = await office();
    vault.says(grants.granted({ headers: { authorization: new Secret("Bearer second") } }));
    const resolution = await start();
    expect(resolution.kind === "granted" && resolution.headers["authorization"]?.reveal()).toBe(
      "Bearer second",
    );
    expect(vault.asked).toHaveLength(2);
  });

  it("counts as a hand-out: what can still be used after an off-boarding is known", async () => {
    const { start, board, connector, vault, clock } = await office();
    const expiresAtMs = clock.now() + 600_000;
    vault.says(grants.granted({ expiresAtMs }));
    await start();
    expect(board.get(connector.id)?.lastIssued).toEqual({ atMs: clock.now(), expiresAtMs });
  });

  it.each([
    [
      "refused by the vault though signed in",
      grants.signedOut(),
      "vault.example.com refuses the token of your sign-in, which idp.example.com stands by. Its administrators have to check which tokens it accepts.",
    ],
    [
      "in need of a connection",
      grants.needsConnection(),
      "Access has to be authorized once. Open https://vault.example.com/connect/notion",
    ],
    ["denied", grants.denied(), "Denied by policy (Contractors may not)."],
    ["out of reach", grants.unavailable(), "vault.example.com answered 503."],
  ])("does not start when it turns out to be %s, and says why", async (_name, refusal, reason) => {
    const { start, vault } = await office();
    vault.says(refusal);
    expect(await start()).toEqual({ kind: "refused", reason });
  });

  it("does not start with headers that cannot be sent, or with a credential that has run out", async () => {
    const { start, vault, clock } = await office();
    vault.says(grants.granted({ headers: { authorization: new Secret("Bearer a\nb") } }));
    expect(await start()).toMatchObject({ kind: "refused" });
    vault.says(grants.granted({ headers: {} }));
    expect(await start()).toMatchObject({ kind: "refused" });
    vault.says(grants.granted({ expiresAtMs: clock.now() }));
    expect(await start()).toMatchObject({ kind: "refused" });
  });

  it("does not start under another URL or name than the approved", async () => {
    const { servers, vault } = await office();
    const url = "https://evil.example/mcp";
    expect(await servers.resolve({ label: "salesforce", url }, never())).toMatchObject({ kind: "refused" });
    expect(await servers.resolve({ label: "github", url }, never())).toMatchObject({ kind: "refused" });
    expect(vault.asked).toHaveLength(1);
  });

  it("does not start when its entry changes, or its approval goes, while the vault is asked", async () => {
    for (const change of [
      ({ load }: Office) => load([connectorNamed("salesforce", { helperCommand: "other" })]),
      ({ load, connector }: Office) => load([connector], "changed"),
    ]) {
      const made = await office();
      const answer = made.vault.holds();
      const started = made.start();
      await settle();
      change(made);
      answer(grants.granted());
      expect(await started).toMatchObject({ kind: "refused" });
    }
  });

  it("stops waiting when the editor does", async () => {
    const { servers, connector, vault, clock } = await office();
    vault.holds();
    const abort = new AbortController();
    const { name: label, url } = connector;
    const started = servers.resolve({ label, url }, abort.signal);
    await settle();
    abort.abort(new Error("The editor gave up."));
    await expect(started).rejects.toThrow("gave up");
    clock.advance(15_000);
  });
});

describe("a server is withdrawn at once", () => {
  it.each([
    ["the sign-in ends", grants.signedOut()],
    ["the vault refuses", grants.denied()],
    ["a step-up is asked for", grants.reauthenticate()],
  ])("when %s", async (_name, refusal) => {
    const made = await office();
    made.vault.says(refusal);
    await made.check();
    expect(made.servers.definitions()).toEqual([]);
    expect(made.told.count).toBe(2);
  });

  it("when its approval goes, its entry goes, it is defined elsewhere, or the setting is turned off", async () => {
    for (const end of [
      ({ load, connector }: Office) => load([connector], "changed"),
      ({ load }: Office) => load([]),
      ({ servers }: Office) => servers.setTerms({ ...open, taken: new Set(["salesforce"]) }),
      ({ servers }: Office) => servers.setTerms({ ...open, isOpen: false }),
    ]) {
      const made = await office();
      end(made);
      expect(made.servers.definitions()).toEqual([]);
      expect(made.told.count).toBe(2);
    }
  });

  it("and is another one when it comes back: no connection outlives the sign-in it was made with", async () => {
    const made = await office();
    await made.start();
    const before = versionOf(made);
    made.vault.says(grants.signedOut());
    await made.check();
    made.vault.says(grants.granted());
    await made.check();
    expect(versionOf(made)).not.toBe(before);
  });

  it("also when another account goes on serving it", async () => {
    const made = await office();
    await made.start();
    const before = versionOf(made);
    made.servers.sessionEnded(sessionWith("token-1"));
    expect(made.servers.definitions()).toHaveLength(1);
    expect(versionOf(made)).not.toBe(before);
    made.servers.sessionEnded({ ...sessionWith("token-1"), issuer: "https://other.example" });
    expect(made.told.count).toBe(2);
  });
});

it("one that is not ready is offered while the person chooses, and starts no more than before", async () => {
  const { servers, vault, check, start } = await office();
  vault.says(grants.denied());
  await check();
  servers.setTerms({ ...open, breadth: "approved" });
  expect(servers.definitions()).toHaveLength(1);
  expect(await start()).toMatchObject({ kind: "refused" });
  servers.setTerms(open);
  expect(servers.definitions()).toEqual([]);
});

describe("a credential does not expire inside a running connection", () => {
  it("the version goes up before, so that the editor starts the server again", async () => {
    const made = await office();
    made.vault.says(grants.granted({ expiresAtMs: made.clock.now() + 600_000 }));
    await made.start();
    const before = versionOf(made);
    made.clock.advance(569_000);
    expect([versionOf(made), made.told.count]).toEqual([before, 1]);
    made.clock.advance(1_000);
    expect(versionOf(made)).not.toBe(before);
    expect(made.told.count).toBe(2);
  });

  it("and a check that ends as it began tells the editor nothing", async () => {
    const made = await office();
    const before = made.servers.definitions();
    await made.check();
    made.load([made.connector]);
    expect([made.told.count, made.servers.definitions()]).toEqual([1, before]);
  });

  it("and stays as it is where nobody has started the server: a check takes nothing away", async () => {
    const made = await office();
    made.vault.says(grants.granted({ expiresAtMs: made.clock.now() + 60_000 }));
    await made.check();
    made.clock.advance(600_000);
    expect(made.told.count).toBe(1);
  });
});
