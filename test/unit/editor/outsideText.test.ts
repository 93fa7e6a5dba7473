import { beforeEach, describe, expect, test } from "vitest";
import type { Issue } from "../../../src/core/config/issues/issue.ts";
import type { BoardEntry } from "../../../src/core/connectors/board/boardEntry.ts";
import type { Status } from "../../../src/core/connectors/board/status.ts";
import { failed } from "../../../src/core/identity/failures.ts";
import { outcomeSentence, type TestOutcome } from "../../../src/core/mcp/report.ts";
import { english } from "../../../src/core/text.ts";
import { connectorNamed } from "../../support/connectors.ts";
import { DiagnosticSeverity, editor, Range, shownTexts } from "../../support/editor/vscode.ts";
import { dangersOnScreen, hostileTexts, lookAlikeHost } from "../../support/hostile.ts";

const screen = await import("../../../src/editor/screen.ts");
const { itemOf } = await import("../../../src/editor/tree/items.ts");
const { tooltipOf } = await import("../../../src/editor/tree/tooltip.ts");
const { detailOf, waitingLook } = await import("../../../src/editor/status/statusLook.ts");

type Node = Parameters<typeof itemOf>[0];

const place = new Range(0, 0, 0, 1);
const nowMs = 1_700_000_000_000;

beforeEach(() => {
  shownTexts.length = 0;
  editor.reset();
});

const dangers = (): readonly string[] => shownTexts.flatMap(dangersOnScreen);

/** Every way through the door, with a text in each of its places. */
const ways: Readonly<Record<string, (text: string) => unknown>> = {
  "a message": (text) => screen.tellInformation(text, text),
  "a warning": (text) => screen.tellWarning(text, text),
  "an error": (text) => screen.tellError(text),
  "a question": (text) => screen.confirm({ severity: "information", message: text, detail: text, yes: text }),
  "a choice": (text) => screen.choose({ severity: "warning", message: text, detail: text }, text, text),
  "a progress": (text) =>
    screen.withProgress({ location: { viewId: "x" }, title: text }, (progress) => {
      progress.report(text);
      return Promise.resolve();
    }),
  "the status bar's message": (text) => screen.showStatusMessage(text, 1),
  "the status bar": (text) =>
    screen.drawStatusBar(screen.openStatusBar("x"), { icon: "key", text, tooltip: text }),
  "a list": (text) => screen.pickOne([{ label: text, description: text, detail: text }], { placeHolder: "" }),
  "a list that stays": (text) => screen.openPick([{ label: text, description: text, detail: text }], text),
  "an input": (text) => screen.openInput(text, text).problem(text),
  "a row": (text) => screen.treeItem(text, text),
  "a tooltip": (text) => screen.setTooltip(screen.treeItem(""), text),
  "a lens": (text) =>
    screen.codeLens(place as never, {
      icon: "error",
      title: text,
      tooltip: text,
      command: "",
    }),
  "a diagnostic": (text) =>
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a number of the fake is one of the editor
    screen.diagnosticAt(place as never, text, DiagnosticSeverity.Error),
};

describe.each(Object.entries(ways))("%s shows as words", (_way, show) => {
  test.each(hostileTexts)("%s", async (_kind, text) => {
    await show(`before ${text} after`);
    expect(shownTexts.join("")).toContain("before");
    expect(dangers()).toEqual([]);
  });
});

const evidence = (
  text: string,
): { readonly answeredBy: string; readonly atMs: number; readonly traceId: string } => ({
  answeredBy: text,
  atMs: nowMs,
  traceId: text,
});

const issue = (text: string): Issue => ({
  code: "sourceRefused",
  severity: "error",
  template: "{0}",
  args: [text],
});

/** Where words of a vault, an IdP, a script or a connector come into a status. */
const statuses: Readonly<Record<string, (text: string) => Status>> = {
  "a vault's reason": (text) => ({ kind: "denied", by: "policy", reason: text, evidence: evidence(text) }),
  "the link to its help": (text) => ({
    ...{ kind: "denied", by: "policy", reason: "x", helpUrl: text },
    evidence: evidence(text),
  }),
  "why an account is needed": (text) => ({
    ...{ kind: "needsConnection", url: "https://vault.example.com", intervalMs: 1, reason: text },
    evidence: evidence(text),
  }),
  "what is compared on the phone": (text) => ({
    kind: "stepUp",
    how: { kind: "push", intervalMs: 1, expiresAtMs: nowMs + 1, bindingMessage: text },
    evidence: evidence(text),
  }),
  "what is waited for": (text) => ({
    ...{ kind: "pending", intervalMs: 1, expiresAtMs: nowMs + 1, message: text },
    evidence: evidence(text),
  }),
  "what does not work": (text) => ({
    ...{ kind: "unavailable", reason: text, retryAtMs: nowMs },
    evidence: evidence(text),
  }),
  "an error code": (text) => ({ kind: "misconfigured", issues: [issue(text)], evidence: evidence(text) }),
};

describe.each(Object.entries(statuses))("%s", (_source, statusOf) => {
  test.each(hostileTexts)("is words in the row and its tooltip: %s", (_kind, text) => {
    const status = statusOf(text);
    const entry: BoardEntry = { connector: connectorNamed("crm"), status };
    const nodes: readonly Node[] = [
      { kind: "connector", entry },
      { kind: "connector", entry, act: "elsewhere", folder: text },
    ];
    for (const node of nodes) {
      screen.setTooltip(itemOf(node, nowMs), tooltipOf(node, nowMs));
    }
    screen.treeItem("", waitingLook(status, "elsewhere").text);
    screen.treeItem("", detailOf(status, nowMs));
    expect(dangers()).toEqual([]);
  });
});

/** Names and places that somebody else chose. */
const nodes: Readonly<Record<string, (text: string) => Node>> = {
  "a connector's name and URL": (text) => ({
    kind: "connector",
    entry: { connector: connectorNamed(text, { name: text, url: text }), status: { kind: "unchecked" } },
  }),
  "an issuer": (text) => ({ kind: "need", need: { issuer: text, clientId: text, scopes: [] } }),
  "an account": (text) => ({
    kind: "account",
    issued: [],
    session: {
      ...{ id: "x", issuer: text, clientId: text, subject: text, accountLabel: text },
      ...{ scopes: [], signedInAtMs: nowMs },
    },
  }),
  "an entry with mistakes": (text) => ({
    kind: "broken",
    entry: {
      ...{ id: "x", name: text, issues: [issue(text)] },
      origin: { kind: "workspace", file: text, folder: text },
      place: { file: text, line: 0, column: 0, endLine: 0, endColumn: 0 },
    },
  }),
  "a file's name": (text) => ({
    kind: "file",
    issue: { ...issue(text), place: { file: text, line: 0, column: 0, endLine: 0, endColumn: 0 } },
  }),
  "a group": (text) => ({ kind: "group", group: { kind: "folder", name: text }, size: 1 }),
  "what the editor's own client may not run": (text) => ({
    kind: "mcp",
    notice: { kind: "refused", names: [text] },
  }),
};

describe.each(Object.entries(nodes))("%s", (_source, nodeOf) => {
  test.each(hostileTexts)("is words in the row and its tooltip: %s", (_kind, text) => {
    const node = nodeOf(text);
    screen.setTooltip(itemOf(node, nowMs), tooltipOf(node, nowMs));
    expect(dangers()).toEqual([]);
  });
});

/** What a connector's server says when it is tested. */
const outcomes: Readonly<Record<string, (text: string) => TestOutcome>> = {
  "the name of a server": (text) => ({ kind: "passed", server: text, protocolVersion: "1", tools: [] }),
  "an error_description": (text) => ({
    ...{ kind: "failed", step: "initialize" },
    failure: { kind: "refused", status: 401, reason: text },
  }),
  "another status": (text) => ({
    ...{ kind: "failed", step: "initialize" },
    failure: { kind: "status", status: 500, reason: text },
  }),
  "a version": (text) => ({
    ...{ kind: "failed", step: "initialize" },
    failure: { kind: "version", version: text },
  }),
  "an error of the protocol": (text) => ({
    ...{ kind: "failed", step: "tools/list" },
    failure: { kind: "error", code: 1, reason: text },
  }),
};

describe.each(Object.entries(outcomes))("%s", (_source, outcomeOf) => {
  test.each(hostileTexts)("is words in a message: %s", async (_kind, text) => {
    await screen.tellWarning(outcomeSentence(outcomeOf(text), english, nowMs));
    expect(dangers()).toEqual([]);
  });
});

test.each(hostileTexts)("what an identity provider says is words in a message: %s", async (_kind, text) => {
  const { template, args, detail = "" } = failed("denied", "https://idp.example.com", text);
  await screen.tellError(`${english(template, ...args)} ${detail}`);
  expect(dangers()).toEqual([]);
});

test("a host in letters of another script is shown as it is asked for", () => {
  const connector = connectorNamed("crm", {
    url: lookAlikeHost,
    userAuth: { issuer: lookAlikeHost, clientId: "c", scopes: [] },
  });
  const entry: BoardEntry = { connector, status: { kind: "unchecked" } };
  expect(tooltipOf({ kind: "connector", entry }, nowMs)).not.toMatch(/[^\p{ASCII}…]/u);
  expect(tooltipOf({ kind: "connector", entry }, nowMs)).toContain("xn--");
});

test("the button that was chosen is told by its own name", async () => {
  editor.answer = ({ buttons }) => buttons[1];
  expect(await screen.tellWarning("x", "a", "[b](command:c)")).toBe("[b](command:c)");
});
