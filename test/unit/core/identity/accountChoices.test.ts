import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { AccountChoices } from "../../../../src/core/identity/accountChoices.ts";
import { serves } from "../../../../src/core/identity/needs.ts";
import { fromPseudoScopes, toPseudoScopes } from "../../../../src/core/identity/pseudoScopes.ts";
import { accountOf, type SessionInfo } from "../../../../src/core/identity/session.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { needAtFake, signInAtFake } from "../../../support/fakeIdp.ts";
import { memoryMemory } from "../../../support/ports.ts";
import { person, type Person } from "./fakePerson.ts";
import { never } from "./harness.ts";

const work = "/work/acme";
const home = "/home/ada/notes";

/** Two people, or one with two accounts, at one issuer; alice came first. */
const twoAccounts = async (): Promise<
  Person & { readonly alice: SessionInfo; readonly bob: SessionInfo }
> => {
  const who = { name: "alice" };
  const made = person({ claims: () => ({ sub: who.name, preferred_username: who.name }) });
  const signIn = async (name: string): Promise<SessionInfo> => {
    who.name = name;
    const outcome = await signInAtFake(made.identity, made.idp);
    if (outcome.kind !== "signedIn") throw new Error(outcome.failure);
    made.clock.advance(1000);
    return outcome.session;
  };
  return { ...made, alice: await signIn("alice"), bob: await signIn("bob") };
};

const inFolder = (folder: string): Connector =>
  connectorNamed("crm", { origin: { kind: "workspace", file: `${folder}/.mcp.json`, folder } });

const accountIn = (choices: AccountChoices, folder: string): string | undefined =>
  choices.applied(catalogueOf([inFolder(folder)])).connectors[0]?.userAuth.account;

describe("several accounts at one issuer", () => {
  it("are kept beside each other, and asked for by name", async () => {
    const { identity, alice, bob } = await twoAccounts();
    expect((await identity.list()).map(({ subject }) => subject)).toEqual(["bob", "alice"]);
    for (const { subject, ...session } of [alice, bob]) {
      const need = needAtFake({ account: accountOf(session) });
      expect(await identity.fresh(need, { signal: never })).toMatchObject({
        kind: "active",
        session: { subject },
      });
    }
  });

  it("never stand in for each other: one that is signed out gets nothing while the other lives", async () => {
    const { identity, alice, bob } = await twoAccounts();
    await identity.signOut(alice.id);
    const ofAlice = needAtFake({ account: accountOf(alice) });
    expect(await identity.fresh(ofAlice, { signal: never })).toMatchObject({ kind: "signedOut" });
    expect(serves(bob, ofAlice)).toBe(false);
    expect((await identity.fresh(needAtFake(), { signal: never })).kind).toBe("active");
  });

  it("are named among the scopes of the editor's API, which go to no identity provider", () => {
    const need = needAtFake({ account: "a".repeat(64) });
    expect(fromPseudoScopes(toPseudoScopes(need))).toEqual(need);
  });
});

describe("the account of a folder", () => {
  it("is whoever is signed in, while there is one account", () => {
    expect(accountIn(new AccountChoices(memoryMemory()), work)).toBeUndefined();
  });

  it("is the one that was chosen there; every other folder stays with the one before", async () => {
    const { alice, bob } = await twoAccounts();
    const choices = new AccountChoices(memoryMemory());
    await choices.choose([work], bob, [alice]);
    expect([accountIn(choices, work), accountIn(choices, home)]).toEqual([accountOf(bob), accountOf(alice)]);
    await choices.choose([work], alice, [bob]);
    expect([accountIn(choices, work), accountIn(choices, home)]).toEqual([
      accountOf(alice),
      accountOf(alice),
    ]);
  });

  it("is remembered by this machine's editor, as a hash and the name at the identity provider", async () => {
    const { alice, bob } = await twoAccounts();
    const memory = memoryMemory();
    await new AccountChoices(memory).choose([work], bob, [alice]);
    const later = new AccountChoices(memory);
    expect(accountIn(later, work)).toBe(accountOf(bob));
    expect(later.labelOf(accountOf(bob))).toBe("bob");
    expect(later.chosen(home, { issuer: "https://other.example", clientId: "lanyard" })).toBeUndefined();
  });

  it("stays chosen when its folder is called as no key should be", async () => {
    const { alice, bob } = await twoAccounts();
    const choices = new AccountChoices(memoryMemory());
    await choices.choose(["constructor"], bob, [alice]);
    expect(choices.chosen("constructor", bob)?.account).toBe(accountOf(bob));
    expect(choices.chosen("toString", bob)?.account).toBe(accountOf(alice));
  });

  it("tells of a choice, once it is stored", async () => {
    const { alice, bob } = await twoAccounts();
    const choices = new AccountChoices(memoryMemory());
    const told: (string | undefined)[] = [];
    choices.onDidChange(() => told.push(accountIn(choices, work)));
    await choices.choose([work], bob, [alice]);
    expect(told).toEqual([accountOf(bob)]);
  });
});
