import { beforeEach, describe, expect, test } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import type { Permission } from "../../../../src/core/connectors/board/status.ts";
import { UserActions } from "../../../../src/core/connectors/wait/userActions.ts";
import { AccountChoices } from "../../../../src/core/identity/accountChoices.ts";
import { fromPseudoScopes } from "../../../../src/core/identity/pseudoScopes.ts";
import type { SessionInfo, SignOutOutcome } from "../../../../src/core/identity/session.ts";
import { Accounts } from "../../../../src/editor/identity/accounts.ts";
import { FolderAccounts } from "../../../../src/editor/identity/folderAccounts.ts";
import { SignInWait } from "../../../../src/editor/identity/signInWait.ts";
import { catalogueOf, brokenNamed, connectorNamed } from "../../../support/connectors.ts";
import { editor } from "../../../support/editor/vscode.ts";
import { memoryMemory } from "../../../support/ports.ts";
import { grants } from "../../../support/grants.ts";
import { acme, settle, type Acme } from "../../core/connectors/acme.ts";

const sessionOf = (issuer: string, label = "Ada"): SessionInfo => ({
  ...{ id: `${issuer} ${label}`, issuer, clientId: "lanyard", subject: label, accountLabel: label },
  ...{ scopes: ["openid", "profile"], signedInAtMs: 0 },
});

const github = connectorNamed("github");
const otherIdp = connectorNamed("linear", {
  userAuth: { issuer: "https://login.example.org", clientId: "lanyard", scopes: ["openid"] },
});

interface Scene extends Acme {
  readonly accounts: Accounts;
  readonly acts: UserActions;
  readonly ended: readonly string[];
  readonly reviews: () => number;
}

interface Around {
  readonly connectors?: readonly Connector[];
  readonly standing?: Permission;
  readonly sessions?: readonly SessionInfo[];
  readonly reviewed?: boolean;
  readonly isUnderWay?: boolean;
  readonly outcome?: SignOutOutcome;
}

const scene = ({
  connectors = [github],
  standing = "approved",
  sessions = [],
  reviewed = false,
  isUnderWay = false,
  outcome = { kind: "signedOut", revoked: true },
}: Around = {}): Scene => {
  const company = acme();
  company.load(connectors, standing);
  const acts = new UserActions();
  const ended: string[] = [];
  let reviews = 0;
  const wait = new SignInWait();
  if (isUnderWay) wait.begin("idp.example.com", () => undefined);
  const identity = {
    list: () => Promise.resolve(sessions),
    signOut: (id: string) => {
      ended.push(id);
      return Promise.resolve(outcome);
    },
  };
  const view = {
    connectorsThatMayBeAsked: () => (standing === "approved" || reviewed ? [...connectors] : []),
  };
  const folders = new FolderAccounts({
    ...{ board: company.board, choices: new AccountChoices(memoryMemory()), identity, view },
    signIn: { run: () => Promise.reject(new Error("Nobody signs in here.")) },
  });
  const accounts = new Accounts({
    ...{ board: company.board, waits: company.waits, acts },
    ...{ identity, view, folders },
    review: {
      decide: () => {
        reviews += 1;
        return Promise.resolve(reviewed);
      },
    },
    wait,
  });
  return { ...company, accounts, acts, ended, reviews: () => reviews };
};

const asked = (): unknown =>
  editor.sessionsAsked.map(([provider, ...scopes]) => [provider, fromPseudoScopes(scopes).issuer]);

beforeEach(() => editor.reset());

describe("signing in", () => {
  test("is asked for what no session serves", async () => {
    await scene().accounts.signIn();
    expect(asked()).toEqual([["lanyard", "https://idp.example.com"]]);
  });

  test("for a row is asked for what the row needs", async () => {
    await scene({ connectors: [github, otherIdp] }).accounts.signIn(otherIdp.userAuth);
    expect(asked()).toEqual([["lanyard", "https://login.example.org"]]);
  });

  test("where several identity providers are meant leaves the choice to the question that follows", async () => {
    await scene({ connectors: [github, otherIdp] }).accounts.signIn();
    expect(asked()).toEqual([["lanyard", undefined]]);
  });

  test("leaves out whom a session serves already", async () => {
    const sessions = [sessionOf("https://idp.example.com")];
    await scene({ connectors: [github, otherIdp], sessions }).accounts.signIn();
    expect(asked()).toEqual([["lanyard", "https://login.example.org"]]);
  });

  test("that waits already comes to the front, and no second one begins", async () => {
    const { accounts } = scene({ isUnderWay: true });
    await accounts.signIn();
    expect(editor.picks).toMatchObject([{ title: "Signing in at idp.example.com", labels: ["Cancel"] }]);
    expect(editor.sessionsAsked).toEqual([]);
  });

  test("has helpers of whoever is signed out wait for it, also when it fails", async () => {
    const { accounts, board, acts } = scene();
    board.record(github.id, grants.signedOut(), { answeredBy: "x", atMs: 0, traceId: "t" });
    let wasBusy = false;
    editor.signIn = () => {
      wasBusy = acts.isPersonBusy;
      return Promise.reject(new Error("refused"));
    };
    await expect(accounts.signIn()).rejects.toThrow("refused");
    expect([wasBusy, acts.isPersonBusy]).toEqual([true, false]);
  });
});

test("what no session serves is offered in the editor's own menu of accounts, once", async () => {
  const { board } = scene({ connectors: [github, otherIdp] });
  for (const traceId of ["first", "second"]) {
    board.record(github.id, grants.signedOut(), { answeredBy: "x", atMs: 0, traceId });
    await settle();
  }
  const issuers = editor.sessionsOffered.map(([, ...scopes]) => fromPseudoScopes(scopes).issuer);
  expect(issuers).toEqual(["https://idp.example.com", "https://login.example.org"]);
  expect(editor.sessionsAsked).toEqual([]);
});

describe("what is not approved", () => {
  test("is reviewed before anybody signs in for it", async () => {
    const { accounts, reviews } = scene({ standing: "unapproved", reviewed: true });
    await accounts.signIn();
    expect(reviews()).toBe(1);
    expect(asked()).toEqual([["lanyard", "https://idp.example.com"]]);
  });

  test("is not signed in for when the review is closed", async () => {
    const { accounts, reviews, acts } = scene({ standing: "unapproved" });
    await accounts.signIn();
    expect([reviews(), editor.sessionsAsked, editor.messages, acts.isPersonBusy]).toEqual([1, [], [], false]);
  });
});

describe("nothing to sign in for", () => {
  test.each([
    [
      "everybody is served",
      { sessions: [sessionOf("https://idp.example.com")] },
      "You are signed in for every connector here.",
    ],
    [
      "no folder is trusted",
      { standing: "untrusted" },
      "This folder is not trusted, so Lanyard signs in for none of its connectors.",
    ],
    [
      "no entry is there",
      { connectors: [] },
      "No connector here uses Lanyard: no .mcp.json of this workspace has an entry with userAuth.",
    ],
  ] as const)("where %s is said", async (_why, around, text) => {
    await scene(around).accounts.signIn();
    await settle();
    expect(editor.sessionsAsked).toEqual([]);
    expect(editor.messages.map((message) => message.text)).toEqual([text]);
  });

  test("because a policy forbids the only entry is said in the policy's words", async () => {
    const { accounts, board } = scene({ connectors: [] });
    const issue = {
      code: "forbidden",
      severity: "error",
      template: "A policy forbids {0}.",
      args: ["x"],
    } as const;
    board.load(catalogueOf([], [brokenNamed("github", { issues: [issue] })]), () => "approved");
    await accounts.signIn();
    await settle();
    expect(editor.messages).toMatchObject([{ kind: "information", text: "A policy forbids x." }]);
  });
});

describe("signing out", () => {
  const [ada, bob] = [
    sessionOf("https://idp.example.com", "Ada"),
    sessionOf("https://idp.example.com", "Bob"),
  ];

  test("of a row ends that session", async () => {
    const { accounts, ended } = scene({ sessions: [ada, bob] });
    await accounts.signOut(bob);
    expect([ended, editor.picks]).toEqual([[bob.id], []]);
  });

  test("of the only session asks nothing", async () => {
    const { accounts, ended } = scene({ sessions: [ada] });
    await accounts.signOut();
    expect([ended, editor.picks]).toEqual([[ada.id], []]);
  });

  test("asks which of several is meant", async () => {
    const { accounts, ended } = scene({ sessions: [ada, bob] });
    editor.pick = () => "Bob";
    await accounts.signOut();
    expect(editor.picks).toMatchObject([{ labels: ["Ada", "Bob"] }]);
    expect(ended).toEqual([bob.id]);
  });

  test("ends nothing when the question is closed, or nobody is signed in", async () => {
    const [closed, nobody] = [scene({ sessions: [ada, bob] }), scene()];
    await closed.accounts.signOut();
    await nobody.accounts.signOut();
    expect([closed.ended, nobody.ended]).toEqual([[], []]);
  });

  test("that the identity provider could not be told is said", async () => {
    const { accounts } = scene({ sessions: [ada], outcome: { kind: "signedOut", revoked: false } });
    await accounts.signOut();
    await settle();
    expect(editor.messages).toMatchObject([{ kind: "warning" }]);
  });

  test("that went well says nothing", async () => {
    await scene({ sessions: [ada] }).accounts.signOut();
    await settle();
    expect(editor.messages).toEqual([]);
  });
});
