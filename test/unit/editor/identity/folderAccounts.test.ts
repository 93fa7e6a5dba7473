import { beforeEach, describe, expect, it } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { AccountChoices } from "../../../../src/core/identity/accountChoices.ts";
import { accountOf, type SessionInfo } from "../../../../src/core/identity/session.ts";
import { FolderAccounts } from "../../../../src/editor/identity/folderAccounts.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { editor } from "../../../support/editor/vscode.ts";
import { memoryMemory } from "../../../support/ports.ts";

const accountNamed = (subject: string): SessionInfo => ({
  ...{ id: `hash of ${subject}`, issuer: "https://idp.example.com", clientId: "lanyard", subject },
  ...{ accountLabel: subject, scopes: ["openid", "profile"], signedInAtMs: 0 },
});
const [alice, bob] = [accountNamed("alice"), accountNamed("bob")];
const folder = "/work/acme";

interface Window {
  readonly accounts: FolderAccounts;
  readonly used: () => string | undefined;
  readonly elsewhere: () => string | undefined;
  readonly asked: unknown[];
}

const windowWith = (sessions: readonly SessionInfo[], comes = bob): Window => {
  const board = new Board();
  const choices = new AccountChoices(memoryMemory());
  const connector = connectorNamed("crm");
  const asked: unknown[] = [];
  board.load(catalogueOf([connector]), () => "approved");
  const accounts = new FolderAccounts({
    ...{ board, choices },
    identity: { list: () => Promise.resolve(sessions) },
    view: { connectorsThatMayBeAsked: () => [connector] },
    signIn: {
      run: (request, display) => {
        asked.push({ request, display });
        return Promise.resolve(comes);
      },
    },
  });
  const chosen = (where: string) => (): string | undefined => choices.chosen(where, alice)?.label;
  return { accounts, asked, used: chosen(folder), elsewhere: chosen("/elsewhere") };
};

beforeEach(() => editor.reset());

describe("after a sign-in", () => {
  it("nothing is chosen where there is one account", async () => {
    const { accounts, used } = windowWith([alice]);
    await accounts.settle(alice, undefined);
    expect(used()).toBeUndefined();
  });

  it("a second account is used by the folders of this window alone", async () => {
    const { accounts, used, elsewhere } = windowWith([bob, alice]);
    await accounts.settle(bob, undefined);
    expect([used(), elsewhere()]).toEqual(["bob", "alice"]);
    expect(editor.messages).toEqual([]);
  });

  it("another account than the one that was to sign in is used on the person's word alone", async () => {
    const { accounts, used } = windowWith([bob, alice]);
    await accounts.settle(bob, undefined);
    await accounts.settle(alice, accountOf(bob));
    expect(used()).toBe("bob");
    expect(editor.messages).toMatchObject([{ modal: true, text: "Use alice here?" }]);
    editor.answer = () => "Use This Account";
    await accounts.settle(alice, accountOf(bob));
    expect(used()).toBe("alice");
  });

  it("the account that was to sign in stays the folder's, and nobody is asked", async () => {
    const { accounts, used } = windowWith([bob, alice]);
    await accounts.settle(bob, undefined);
    await accounts.settle(bob, accountOf(bob));
    expect(used()).toBe("bob");
    expect(editor.messages).toEqual([]);
  });
});

describe("switching the account", () => {
  it("offers those that are signed in, and to sign in with another", async () => {
    const { accounts, used } = windowWith([bob, alice]);
    editor.pick = ({ labels }) => {
      expect(labels).toEqual(["bob", "alice", "Sign In with Another Account…"]);
      return "alice";
    };
    await accounts.change();
    expect(used()).toBe("alice");
  });

  it("has the identity provider ask for the account, whoever its browser session is", async () => {
    const { accounts, asked, used, elsewhere } = windowWith([alice]);
    editor.pick = () => "Sign In with Another Account…";
    await accounts.change(alice);
    expect(asked).toEqual([
      {
        request: { issuer: alice.issuer, clientId: "lanyard", scopes: [], prompt: "select_account" },
        display: { isAnother: true },
      },
    ]);
    expect([used(), elsewhere()]).toEqual(["bob", "alice"]);
  });

  it("changes nothing when the person picks nothing", async () => {
    const { accounts, used } = windowWith([bob, alice]);
    await accounts.change();
    expect(used()).toBeUndefined();
  });
});
