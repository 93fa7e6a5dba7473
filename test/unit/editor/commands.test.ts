import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import type { BoardEntry } from "../../../src/core/connectors/board/boardEntry.ts";
import type { StatusKind } from "../../../src/core/connectors/board/status.ts";
import { registerCommands, type CommandTargets } from "../../../src/editor/commands.ts";
import { commandIds, shellCommandIds, type ShellCommandId } from "../../../src/editor/manifestNames.ts";
import type { Node, RowHandle } from "../../../src/editor/tree/nodes.ts";
import { brokenNamed, connectorNamed } from "../../support/connectors.ts";
import { editor } from "../../support/editor/vscode.ts";

const github = connectorNamed("github");
const session = {
  ...{ id: "s", issuer: "https://idp.example.com", clientId: "lanyard", subject: "ada", accountLabel: "Ada" },
  ...{ scopes: [], signedInAtMs: 0 },
};
const entry: BoardEntry = {
  connector: github,
  status: { kind: "granted", evidence: { answeredBy: "vault.example.com", atMs: 0, traceId: "trace-1" } },
};
const rows: Readonly<Record<string, Node>> = {
  connector: { kind: "connector", entry },
  account: { kind: "account", session, issued: [] },
  need: { kind: "need", need: { issuer: "https://other.example.com", clientId: "c", scopes: [] } },
  broken: { kind: "broken", entry: brokenNamed("linear") },
};

/** A row of the view, by which a command is called. */
const row = (rowId: string): RowHandle => ({ rowId });

interface Scene {
  /** What was asked of whom, in order. */
  readonly calls: (readonly unknown[])[];
  readonly errors: readonly unknown[];
  /** What the palette's question answers, and which states it offered. */
  readonly picked: { value: typeof github | undefined; offered: StatusKind[] };
}

const everyKind: readonly StatusKind[] = [
  ...(["untrusted", "unapproved", "unchecked", "checking", "granted", "needsConnection"] as const),
  ...(["stepUp", "pending", "denied", "signedOut", "misconfigured", "unavailable"] as const),
];

const scene = (over: Partial<CommandTargets> = {}): Scene => {
  const calls: (readonly unknown[])[] = [];
  const picked: Scene["picked"] = { value: undefined, offered: [] };
  const noted =
    (name: string) =>
    (...args: readonly unknown[]): Promise<void> => {
      calls.push([name, ...args.filter((arg) => !(arg instanceof AbortSignal))]);
      return Promise.resolve();
    };
  const now =
    (name: string) =>
    (...args: readonly unknown[]): void =>
      void calls.push([name, ...args]);
  const targets: CommandTargets = {
    accounts: {
      signIn: noted("signIn"),
      signOut: noted("signOut"),
      folders: { change: noted("switch") } as never,
    },
    sync: { checkAll: noted("checkAll") },
    waits: { check: noted("check") as never },
    review: { show: now("review") },
    interactions: { attend: noted("attend"), cancel: now("cancel") },
    tools: {
      add: noted("add"),
      test: noted("test"),
      nodeOf: (id) => (id === github.id ? rows["connector"] : undefined),
      nodeOfFailed: () => rows["connector"],
      pick: (wanted) => {
        picked.offered = everyKind.filter(wanted);
        return Promise.resolve(picked.value);
      },
    },
    arranging: { group: noted("group"), filter: noted("filter"), clearFilter: now("clearFilter") },
    vscodeMcp: { chooseOurs: noted("chooseOurs"), hideNotice: noted("hideNotice") },
    doctor: { run: noted("doctor"), copyReport: noted("copyReport") },
    history: { show: noted("history") },
    view: { nodeOf: ({ rowId }) => rows[rowId] },
    log: { show: now("log") },
    ...over,
  };
  const errors: unknown[] = [];
  const shell = Object.fromEntries(shellCommandIds.map((id) => [id, noted(id)])) as unknown as Record<
    ShellCommandId,
    () => Promise<void>
  >;
  registerCommands({
    targets: () => Promise.resolve(targets),
    shell,
    afterFailedStart: {},
    onError: (error) => errors.push(error),
  });
  return { calls, errors, picked };
};

beforeEach(() => editor.reset());

test("every command of the manifest is registered, and none besides", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: { commands: { command: string }[] };
  };
  scene();
  const named = manifest.contributes.commands.map(({ command }) => command);
  expect([...editor.registered.keys()].sort()).toEqual(
    [...new Set([...named, ...commandIds, ...shellCommandIds])].sort(),
  );
});

describe("from a row", () => {
  test.each([
    [
      "lanyard.signIn",
      "need",
      ["signIn", { issuer: "https://other.example.com", clientId: "c", scopes: [] }],
    ],
    ["lanyard.signIn", "connector", ["signIn", github.userAuth]],
    ["lanyard.signOut", "account", ["signOut", session]],
    ["lanyard.signOut", "connector", ["signOut", undefined]],
    ["lanyard.switchAccount", "account", ["switch", session]],
    ["lanyard.switchAccount", "connector", ["switch", github.userAuth]],
    ["lanyard.approve", "connector", ["review", github.id]],
    ["lanyard.check", "connector", ["check", github.id]],
    ["lanyard.authorize", "connector", ["attend", github.id]],
    ["lanyard.stepUp", "connector", ["attend", github.id]],
    ["lanyard.testConnector", "connector", ["test", github.id]],
    ["lanyard.cancelWaiting", "connector", ["cancel", github.id]],
    ["lanyard.showHistory", "connector", ["history", "github"]],
  ])("%s of a %s", async (command, of, call) => {
    const { calls, errors } = scene();
    await editor.run(command, row(of));
    expect(calls).toEqual([call]);
    expect(errors).toEqual([]);
  });

  test("the trace id goes to the clipboard", async () => {
    scene();
    await editor.run("lanyard.copyTraceId", row("connector"));
    expect(editor.clipboard).toBe("trace-1");
  });

  test.each(["connector", "broken"])("the entry of a %s is opened at its place", async (of) => {
    scene();
    await editor.run("lanyard.openEntry", row(of));
    expect(editor.executed).toMatchObject([
      [
        "showTextDocument",
        "file:///work/acme/.mcp.json",
        { selection: { start: { line: 2, character: 4 } } },
      ],
    ]);
  });
});

describe("from elsewhere", () => {
  test("a lens names the connector by its id", async () => {
    const { calls } = scene();
    await editor.run("lanyard.check", { connectorId: github.id });
    expect(calls).toEqual([["check", github.id]]);
  });

  test("the message of a failed sign-in names the connector that it was for", async () => {
    scene();
    await editor.run("lanyard.openEntry", { of: "failedSignIn" });
    expect(editor.executed).toHaveLength(1);
  });

  test.each([
    ["lanyard.check", ["unchecked", "checking", "granted"]],
    ["lanyard.authorize", ["needsConnection"]],
    ["lanyard.stepUp", ["stepUp", "pending"]],
  ])(
    "the palette's %s asks which connector is meant, of those it can be done for",
    async (command, offered) => {
      const { calls, picked } = scene();
      picked.value = github;
      await editor.run(command);
      expect(picked.offered).toEqual(expect.arrayContaining(offered));
      expect(picked.offered).not.toContain("untrusted");
      expect(picked.offered).not.toContain("unapproved");
      expect(calls).toHaveLength(1);
    },
  );

  test.each([
    "lanyard.check",
    "lanyard.authorize",
    "lanyard.stepUp",
    "lanyard.testConnector",
    "lanyard.openEntry",
  ])("%s does nothing when the question is closed", async (command) => {
    const { calls, errors } = scene();
    await editor.run(command);
    expect([calls, errors, editor.executed]).toEqual([[], [], []]);
  });

  test.each([
    ["lanyard.signIn", ["signIn", undefined]],
    ["lanyard.signOut", ["signOut", undefined]],
    ["lanyard.checkAll", ["checkAll"]],
    ["lanyard.approve", ["review", undefined]],
    ["lanyard.addConnector", ["add"]],
    ["lanyard.cancelWaiting", ["cancel", undefined]],
    ["lanyard.groupBy", ["group"]],
    ["lanyard.filter", ["filter"]],
    ["lanyard.clearFilter", ["clearFilter"]],
    ["lanyard.chooseForChat", ["chooseOurs"]],
    ["lanyard.hideChatNotice", ["hideNotice"]],
    ["lanyard.runDoctor", ["doctor"]],
    ["lanyard.copyDoctorReport", ["copyReport"]],
    ["lanyard.showHistory", ["history", undefined]],
    ["lanyard.showLog", ["log"]],
  ])("%s", async (command, call) => {
    const { calls, errors } = scene();
    await editor.run(command);
    expect([calls, errors]).toEqual([[call], []]);
  });
});

test("a command that fails is told, and throws nothing at the editor", async () => {
  const failure = new Error("no");
  const { errors } = scene({ sync: { checkAll: () => Promise.reject(failure) } });
  await editor.run("lanyard.checkAll");
  expect(errors).toEqual([failure]);
});

test("what cannot be loaded is told by every command that needs it, and by no other", async () => {
  const failure = new Error("no");
  const errors: unknown[] = [];
  const done: string[] = [];
  const shell = Object.fromEntries(
    shellCommandIds.map((id) => [id, () => Promise.resolve(void done.push(id))]),
  ) as unknown as Record<ShellCommandId, () => Promise<void>>;
  registerCommands({
    ...{ targets: () => Promise.reject(failure), shell },
    afterFailedStart: { "lanyard.showLog": () => void done.push("log of the shell") },
    onError: (error) => errors.push(error),
  });
  for (const id of [...commandIds, ...shellCommandIds]) await editor.run(id);
  expect(errors).toHaveLength(commandIds.length - 1);
  expect(new Set(errors)).toEqual(new Set([failure]));
  expect(done).toEqual(["log of the shell", ...shellCommandIds]);
});
