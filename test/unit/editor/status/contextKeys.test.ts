import { beforeEach, expect, test, vi } from "vitest";
import { UserActions } from "../../../../src/core/connectors/wait/userActions.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { Emitter } from "../../../../src/core/emitter.ts";
import type { SessionChange, SessionInfo } from "../../../../src/core/identity/session.ts";
import { SignInWait } from "../../../../src/editor/identity/signInWait.ts";
import { ContextKeys, type ContextKeysParts } from "../../../../src/editor/status/contextKeys.ts";
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

test("nothing stays set for a window that is gone", () => {
  board.load(catalogueOf([connectorNamed("notion")]), () => "approved");
  vi.advanceTimersByTime(50);
  keys.dispose();
  expect(Object.values(now()).filter((value) => value !== false)).toEqual([]);
});
