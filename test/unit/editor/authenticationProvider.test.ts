import { beforeEach, describe, expect, test } from "vitest";
import type { ActiveSession, IdentityService, SessionInfo } from "../../../src/core/identity/session.ts";
import {
  LanyardAuthenticationProvider,
  type ProviderParts,
} from "../../../src/editor/authenticationProvider.ts";
import { editor } from "../../support/editor/vscode.ts";
import { sessionWith } from "../core/connectors/acme.ts";

const session: ActiveSession = { ...sessionWith("at-1"), id: "s1", scopes: ["openid", "profile"] };

/** What of identity the provider asks. */
const identityWith = (stored: readonly ActiveSession[]): IdentityService => {
  const told: Partial<IdentityService> = {
    list: () => Promise.resolve(stored),
    stored: (id) => Promise.resolve(stored.find((each) => each.id === id)),
    renewed: (id) => Promise.resolve(stored.find((each) => each.id === id)),
  };
  return told as IdentityService;
};

const providerWith = (parts: Partial<ProviderParts> = {}): LanyardAuthenticationProvider =>
  new LanyardAuthenticationProvider({
    identity: () => Promise.resolve(identityWith([session])),
    signIn: () => Promise.resolve(session),
    signOut: () => Promise.resolve(),
    mayHaveSessions: () => Promise.resolve(true),
    ...parts,
  });

beforeEach(() => editor.reset());

describe("sessions that the editor asks for", () => {
  test("come without loading identity where nobody ever signed in", async () => {
    const provider = providerWith({
      mayHaveSessions: () => Promise.resolve(false),
      identity: () => Promise.reject(new Error("loaded")),
    });
    expect(await provider.getSessions([], {})).toEqual([]);
  });

  test.each<[string, IdentityService["renewed"], readonly string[]]>([
    ["with a token that is renewed", () => Promise.resolve({ ...session, ...sessionWith("at-2") }), ["at-2"]],
    ["as they are, where nobody answers in time", () => Promise.reject(new Error("too slow")), ["at-1"]],
    ["not at all, once they are over", () => Promise.resolve(undefined), []],
  ])("come %s", async (_how, renewed, tokens) => {
    const identity = { ...identityWith([session]), renewed };
    const found = await providerWith({ identity: () => Promise.resolve(identity) }).getSessions([], {});
    expect(found.map(({ accessToken }) => accessToken)).toEqual(tokens);
  });

  test("come back with the scopes that were asked for, because the editor compares them", async () => {
    const [found] = await providerWith().getSessions(["profile"], {});
    expect(found).toMatchObject({ id: "s1", scopes: ["profile"], accessToken: "at-1" });
  });

  test.each<readonly [string, IdentityService["renewed"], readonly string[]]>([
    ["has ended is renewed first", () => Promise.resolve({ ...session, ...sessionWith("at-2") }), ["at-2"]],
    ["lives comes as it is", () => Promise.resolve(session), ["at-1"]],
    ["was revoked is none", () => Promise.resolve(undefined), []],
    ["cannot be renewed now comes as it is", () => Promise.reject(new Error("too late")), ["at-1"]],
  ])("whose token %s", async (_what, renewed, expected) => {
    const identity = { ...identityWith([session]), renewed };
    const found = await providerWith({ identity: () => Promise.resolve(identity) }).getSessions([], {});
    expect(found.map(({ accessToken }) => accessToken)).toEqual(expected);
  });

  test.each([
    ["a scope that it lacks", ["admin"], {}],
    ["another account", [], { account: { id: "s2", label: "Bob" } }],
  ])("are none for %s", async (_what, scopes, options) => {
    expect(await providerWith().getSessions(scopes, options)).toEqual([]);
  });
});

test("what the editor is told of sessions holds no token", () => {
  const provider = providerWith();
  const told: unknown[] = [];
  provider.onDidChangeSessions((change) => told.push(change));
  const info: SessionInfo = session;
  provider.announce({ added: [info], removed: [], changed: [] });
  expect(JSON.stringify(told)).not.toContain("at-1");
  expect(told).toMatchObject([{ added: [{ id: "s1", accessToken: "" }] }]);
});

test("a sign-in whose session is gone already is an error in words", async () => {
  const provider = providerWith({ identity: () => Promise.resolve(identityWith([])) });
  await expect(provider.createSession(["openid"])).rejects.toThrow("The sign-in was not kept");
});

test("what nobody was signed in for is told with the scopes that were asked for, once somebody is", async () => {
  const scopes = ["lanyard.issuer:https://idp.example.com", "openid"];
  const provider = providerWith({ identity: () => Promise.resolve(identityWith([])) });
  const told: (readonly string[])[] = [];
  provider.onDidChangeSessions(({ added }) => told.push(...(added ?? []).map((each) => each.scopes)));
  await provider.getSessions(scopes, {});
  await provider.getSessions(["lanyard.issuer:https://other.example", "openid"], {});
  const info = { ...session, issuer: "https://idp.example.com" };
  provider.announce({ added: [info], removed: [], changed: [] });
  expect(told).toEqual([session.scopes, scopes]);
  provider.announce({ added: [info], removed: [], changed: [] });
  expect(told).toHaveLength(3);
});

test("a session of another account than the one that is asked for is none", async () => {
  expect(await providerWith().getSessions(["lanyard.account:s2"], {})).toEqual([]);
  expect(await providerWith().getSessions(["lanyard.account:s1"], {})).toHaveLength(1);
});
