import { beforeEach, describe, expect, test, vi } from "vitest";
import { UserActions } from "../../../../src/core/connectors/wait/userActions.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { Emitter } from "../../../../src/core/emitter.ts";
import type { SessionChange, SessionInfo } from "../../../../src/core/identity/session.ts";
import { SignInWait } from "../../../../src/editor/identity/signInWait.ts";
import {
  ContextKeys,
  tellStart,
  type ContextKeysParts,
  type Start,
} from "../../../../src/editor/status/contextKeys.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { grants } from "../../../support/grants.ts";
import { editor } from "../../../support/editor/vscode.ts";
import { sessionWith } from "../../core/connectors/acme.ts";

let board: Board;
let acts: UserActions;
let sessions: SessionInfo[];
let filtered: Emitter<boolean>;
let sessionsChanged: Emitter<SessionChange>;
let wait: SignInWait;
let keys: ContextKeys;

/** The keys as `when` clauses see them now. */
const now = (): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    editor.executed.flatMap(([command, key, value]) =>
      command === "setContext" && typeof key === "string" ? [[key.replace("lanyard.", ""), value]] : [],
    ),
  );

beforeEach(() => {
  vi.useFakeTimers();
  editor.reset();
  board = new Board();
  acts = new UserActions();
  wait = new SignInWait();
  sessions = [];
  filtered = new Emitter();
  sessionsChanged = new Emitter();
  const parts = {
    ...{ board, acts, wait },
    identity: { list: () => Promise.resolve(sessions), onDidChange: sessionsChanged.event },
    view: { onDidChangeFilter: filtered.event },
  };
  keys = new ContextKeys(parts as unknown as ContextKeysParts);
  return () => {
    keys.dispose();
    vi.useRealTimers();
  };
});

test("without connectors every key is false", () => {
  expect(Object.values(now()).filter((value) => value !== false)).toEqual([]);
});

test("a connector that waits for approval, and one that needs an account", () => {
  board.load(catalogueOf([connectorNamed("notion")]), () => "unapproved");
  vi.advanceTimersByTime(50);
  expect(now()).toMatchObject({ hasConnectors: true, needsApproval: true, hasApproved: false });
  board.load(catalogueOf([connectorNamed("notion")]), () => "approved");
  board.record(connectorNamed("notion").id, grants.needsConnection(), {
    ...{ answeredBy: "vault", atMs: 0, traceId: "trace" },
  });
  vi.advanceTimersByTime(50);
  expect(now()).toMatchObject({ needsApproval: false, hasApproved: true, needsConnection: true });
});

test("a sign-in that comes and goes", async () => {
  sessions = [sessionWith("at")];
  sessionsChanged.fire({ added: sessions, removed: [], changed: [] });
  await vi.advanceTimersByTimeAsync(0);
  expect(now()).toMatchObject({ signedIn: true });
  sessions = [];
  sessionsChanged.fire({ added: [], removed: [], changed: [] });
  await vi.advanceTimersByTimeAsync(0);
  expect(now()).toMatchObject({ signedIn: false });
});

test("what is under way, and a filter", async () => {
  filtered.fire(true);
  const end = new AbortController();
  const run = acts.run(
    "c",
    "browser",
    () => new Promise<void>((resolve) => end.signal.addEventListener("abort", () => resolve())),
  );
  expect(now()).toMatchObject({ isFiltered: true, isWaiting: true });
  end.abort();
  await run;
  expect(now()).toMatchObject({ isWaiting: false });
});

test("a sign-in that waits, and the ways on that it has at each moment", () => {
  const begun = wait.begin("idp.example.com", () => undefined);
  expect(now()).toMatchObject({ isSigningIn: true });
  const browser = { url: "https://idp.example.com/auth", paste: () => false };
  wait.show({ kind: "browser", wait: { ...browser, useCode: () => undefined } });
  expect(now()).toMatchObject({ canOpenSignInPage: true, canSignInByCode: true, canPasteAddress: true });
  wait.show({ kind: "browser", wait: browser });
  expect(now()).toMatchObject({ canSignInByCode: false, canPasteAddress: true });
  wait.show({ kind: "port", port: 8123 });
  expect(now()).toMatchObject({ canOpenSignInPage: false, canPasteAddress: false });
  begun.dispose();
  expect(now()).toMatchObject({ isSigningIn: false });
});

describe("that there is no connector", () => {
  const known = { isKnown: true, startFailed: false };
  const unknown = { isKnown: false, startFailed: false };
  const done = (): Promise<void> => Promise.resolve();
  const start = (over: Partial<Start> = {}): Start => ({
    ...{ filesFound: done, isWanted: () => true, rest: done },
    ...over,
  });

  test("is known once every file is read, and not before", async () => {
    let found = (): void => undefined;
    const filesFound = (): Promise<void> => new Promise((resolve) => (found = resolve));
    const telling = tellStart(
      start({ filesFound, isWanted: () => false, rest: () => Promise.reject(Error()) }),
    );
    expect(now()).toMatchObject(unknown);
    found();
    await telling;
    expect(now()).toMatchObject(known);
  });

  test("is known once the connectors that the files speak of are there, and not before", async () => {
    let loaded = (): void => undefined;
    const rest = (): Promise<void> => new Promise((resolve) => (loaded = resolve));
    const telling = tellStart(start({ rest }));
    await vi.advanceTimersByTimeAsync(0);
    expect(now()).toMatchObject(unknown);
    loaded();
    await telling;
    expect(now()).toMatchObject(known);
  });

  test("is not said where the start has failed", async () => {
    await tellStart(start({ rest: () => Promise.reject(new Error("no")) }));
    expect(now()).toMatchObject({ isKnown: false, startFailed: true });
  });
});

test("nothing stays set for a window that is gone", () => {
  board.load(catalogueOf([connectorNamed("notion")]), () => "approved");
  vi.advanceTimersByTime(50);
  keys.dispose();
  expect(Object.values(now()).filter((value) => value !== false)).toEqual([]);
});
