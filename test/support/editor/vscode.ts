/**
 * VS Code's API as unit tests of src/editor see it: `vitest.config.ts` puts it in the place of `vscode`. It holds what
 * decisions need (what was said, asked and run) and nothing of the workbench; the real editor is the judge of that.
 * `editor` is the test's side of it: what the person answers, and what they were shown.
 */
import type * as api from "vscode";
import type { Disposable } from "../../../src/core/disposable.ts";
import { english } from "../../../src/core/text.ts";
import { configurationChanged, editor, type Handler, type Message } from "./person.ts";
import { show, showRow } from "./shown.ts";
import { Uri } from "./uri.ts";
import {
  Box,
  boxes,
  EventEmitter,
  made,
  panels,
  StatusBarItem,
  statusBarItems,
  WebviewPanel,
} from "./widgets.ts";

export { editor } from "./person.ts";
export { shownTexts } from "./shown.ts";
export { Uri } from "./uri.ts";
export {
  boxes,
  CodeLens,
  Diagnostic,
  EventEmitter,
  panels,
  StatusBarItem,
  statusBarItems,
  TreeItem,
  WebviewPanel,
} from "./widgets.ts";

const nothing = new EventEmitter<never>();

export class CancellationError extends Error {
  override readonly name = "Canceled";
}

export class CancellationTokenSource {
  readonly #cancelled = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#cancelled.event };
  cancel(): void {
    this.token.isCancellationRequested = true;
    this.#cancelled.fire();
  }
  dispose(): void {
    this.#cancelled.dispose();
  }
}

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeIcon {
  readonly id: string;
  readonly color: ThemeColor | undefined;
  constructor(id: string, color?: ThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export class Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
  constructor(line: number, character: number, endLine: number, endCharacter: number) {
    this.start = { line, character };
    this.end = { line: endLine, character: endCharacter };
  }
}

export const DiagnosticSeverity = { Error: 0, Warning: 1 } as const;
export const ViewColumn = { Active: -1 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;
export const UIKind = { Desktop: 1, Web: 2 } as const;

export const l10n = { t: english };

const isOptions = (value: unknown): value is api.MessageOptions =>
  typeof value === "object" && value !== null;

const say =
  (kind: Message["kind"]) =>
  (text: string, ...rest: readonly (string | api.MessageOptions)[]): Promise<string | undefined> => {
    const options = rest.find(isOptions);
    const buttons = rest.filter((each) => typeof each === "string");
    const { modal = false, detail } = options ?? {};
    const message: Message = { kind, text, buttons, modal, detail };
    show([text, detail, buttons]);
    editor.messages.push(message);
    const answer = editor.answer(message);
    return Promise.resolve(answer !== undefined && buttons.includes(answer) ? answer : undefined);
  };

export const window = {
  state: { focused: true, active: true },
  onDidChangeWindowState: nothing.event,
  showInformationMessage: say("information"),
  showWarningMessage: say("warning"),
  showErrorMessage: say("error"),
  showQuickPick: async <T extends api.QuickPickItem>(
    items: readonly T[] | Promise<readonly T[]>,
    options?: api.QuickPickOptions,
  ): Promise<T | undefined> => {
    const rows = await items;
    const shown = { labels: rows.map(({ label }) => label), title: options?.title };
    rows.forEach(showRow);
    editor.picks.push(shown);
    const label = editor.pick(shown);
    return rows.find((row) => row.label === label);
  },
  withProgress: async <T>(
    { title = "" }: api.ProgressOptions,
    task: (
      progress: api.Progress<{ message?: string }>,
      token: CancellationTokenSource["token"],
    ) => PromiseLike<T>,
  ): Promise<T> => {
    const source = new CancellationTokenSource();
    editor.sees(title, () => source.cancel());
    const report = ({ message = "" }: { message?: string }): void => {
      show(message);
      editor.reports.push(message);
    };
    try {
      return await task({ report }, source.token);
    } finally {
      editor.progress.splice(editor.progress.indexOf(title), 1);
      source.dispose();
    }
  },
  createStatusBarItem: (): StatusBarItem => made(statusBarItems, new StatusBarItem()),
  createInputBox: (): Box => made(boxes, new Box()),
  createQuickPick: (): Box => made(boxes, new Box()),
  createWebviewPanel: (viewType: string, title: string, _column: number, options: unknown): WebviewPanel =>
    made(panels, new WebviewPanel(viewType, title, options)),
  setStatusBarMessage: (text: string): Disposable => {
    show(text);
    return { dispose: () => undefined };
  },
  showTextDocument: (document: TextDocument | Uri, options?: api.TextDocumentShowOptions): Promise<void> => {
    const uri = document instanceof Uri ? document : document.uri;
    editor.executed.push(["showTextDocument", uri.toString(true), options]);
    return Promise.resolve();
  },
};

export const commands = {
  registerCommand: (id: string, handler: Handler): Disposable => {
    editor.registered.set(id, handler);
    return { dispose: () => void editor.registered.delete(id) };
  },
  executeCommand: (...call: readonly unknown[]): Promise<void> => {
    editor.executed.push(call);
    return Promise.resolve();
  },
};

interface Configuration {
  get(key: string): unknown;
  inspect(key: string): {
    readonly globalValue: unknown;
    readonly workspaceValue: unknown;
    readonly workspaceFolderValue: unknown;
  };
}

export interface TextDocument {
  readonly uri: Uri;
  getText(): string;
}

const providers = new Map<string, Pick<api.TextDocumentContentProvider, "provideTextDocumentContent">>();

export const workspace = {
  get isTrusted(): boolean {
    return editor.isTrusted;
  },
  onDidGrantWorkspaceTrust: nothing.event,
  onDidChangeConfiguration: configurationChanged.event,
  get workspaceFolders(): readonly ReadonlyMap<string, unknown>[] {
    return editor.folders;
  },
  registerTextDocumentContentProvider: (
    scheme: string,
    provider: Pick<api.TextDocumentContentProvider, "provideTextDocumentContent">,
  ): Disposable => {
    providers.set(scheme, provider);
    return { dispose: () => void providers.delete(scheme) };
  },
  openTextDocument: async (uri: Uri): Promise<TextDocument> => {
    const source = new CancellationTokenSource();
    const text = await providers.get(uri.scheme)?.provideTextDocumentContent(uri as never, source.token);
    return { uri, getText: () => text ?? "" };
  },
  getConfiguration: (section?: string, folder?: ReadonlyMap<string, unknown>): Configuration => ({
    get: (key: string): unknown => editor.settings.get(section === undefined ? key : `${section}.${key}`),
    inspect: (key: string) => ({
      globalValue: editor.settings.get(key),
      workspaceValue: editor.workspaceSettings.get(key),
      workspaceFolderValue: folder?.get(key),
    }),
  }),
};

export const languages = {
  setTextDocumentLanguage: (document: TextDocument): Promise<TextDocument> => Promise.resolve(document),
};

export const env = {
  language: "en",
  isTelemetryEnabled: true,
  uiKind: UIKind.Desktop,
  uriScheme: "vscode",
  clipboard: {
    writeText: (text: string): Promise<void> => {
      editor.clipboard = text;
      return Promise.resolve();
    },
  },
  openExternal: (uri: { toString(): string }): Promise<boolean> => {
    editor.opened.push(uri.toString());
    return Promise.resolve(true);
  },
};

export const authentication = {
  getSession: async (
    providerId: string,
    scopes: readonly string[],
    { createIfNone = false }: api.AuthenticationGetSessionOptions = {},
  ): Promise<void> => {
    const asked = createIfNone === false ? editor.sessionsOffered : editor.sessionsAsked;
    asked.push([providerId, ...scopes]);
    if (createIfNone !== false) await editor.signIn();
  },
  registerAuthenticationProvider: (): Disposable => ({ dispose: () => undefined }),
};
