/**
 * VS Code's API as unit tests of src/editor see it: `vitest.config.ts` puts it in the place of `vscode`. It holds what
 * decisions need (what was said, asked and run) and nothing of the workbench; the real editor is the judge of that.
 * `editor` is the test's side of it: what the person answers, and what they were shown.
 */
import type * as api from "vscode";
import type { Disposable } from "../../../src/core/disposable.ts";
import { english } from "../../../src/core/text.ts";

type Said = "information" | "warning" | "error";

/** One message with what it offered. */
export interface Message {
  readonly kind: Said;
  readonly text: string;
  readonly buttons: readonly string[];
  readonly modal: boolean;
  readonly detail: string | undefined;
}

export interface QuickPick {
  readonly labels: readonly string[];
  readonly title: string | undefined;
}

/** What the person does, and what they saw. `reset` before each test. */
class Person {
  readonly messages: Message[] = [];
  readonly picks: QuickPick[] = [];
  /** Titles of the progress that is shown at this moment. */
  readonly progress: string[] = [];
  /** Commands that were executed, with their arguments. */
  readonly executed: (readonly unknown[])[] = [];
  readonly opened: string[] = [];
  readonly settings = new Map<string, unknown>();
  /** What the workspace itself says. Where one folder alone is open, that is what the folder says. */
  readonly workspaceSettings = new Map<string, unknown>();
  /** The folders that are open, each with what its own settings say. */
  folders: readonly ReadonlyMap<string, unknown>[] = [];
  /** The button that they press, by its text; nothing when they close the message. */
  answer: (message: Message) => string | undefined = () => undefined;
  /** The label that they pick. */
  pick: (shown: QuickPick) => string | undefined = () => undefined;
  clipboard = "";
  isTrusted = true;

  reset(): void {
    for (const list of [this.messages, this.picks, this.progress, this.executed, this.opened])
      list.length = 0;
    this.settings.clear();
    this.workspaceSettings.clear();
    this.folders = [];
    registered.clear();
    this.answer = () => undefined;
    this.pick = () => undefined;
    this.clipboard = "";
    this.isTrusted = true;
  }

  /** Runs a command as the palette does. */
  async run(command: string, ...args: readonly unknown[]): Promise<void> {
    const handler = registered.get(command);
    if (handler === undefined) throw new Error(`Nobody has registered ${command}.`);
    await handler(...args);
  }

  /** Changes a setting, and tells whoever listens. */
  set(key: string, value: unknown): void {
    this.settings.set(key, value);
    configurationChanged.fire({ affectsConfiguration: (section) => key.startsWith(section) });
  }
}

type Handler = (...args: readonly unknown[]) => unknown;
const registered = new Map<string, Handler>();

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();
  readonly event = (listener: (value: T) => unknown): Disposable => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

const configurationChanged = new EventEmitter<{ affectsConfiguration(section: string): boolean }>();
const nothing = new EventEmitter<never>();

export const editor = new Person();

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

export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;
export const UIKind = { Desktop: 1, Web: 2 } as const;

export const l10n = { t: english };

const isOptions = (value: unknown): value is api.MessageOptions =>
  typeof value === "object" && value !== null;

const show =
  (kind: Said) =>
  (text: string, ...rest: readonly (string | api.MessageOptions)[]): Promise<string | undefined> => {
    const options = rest.find(isOptions);
    const buttons = rest.filter((each) => typeof each === "string");
    const { modal = false, detail } = options ?? {};
    const message: Message = { kind, text, buttons, modal, detail };
    editor.messages.push(message);
    const answer = editor.answer(message);
    return Promise.resolve(answer !== undefined && buttons.includes(answer) ? answer : undefined);
  };

/** An item of the status bar, for a test to read. */
export class StatusBarItem {
  text = "";
  name = "";
  tooltip: string | undefined;
  command: string | undefined;
  accessibilityInformation: api.AccessibilityInformation | undefined;
  isShown = false;
  show(): void {
    this.isShown = true;
  }
  hide(): void {
    this.isShown = false;
  }
  dispose(): void {
    this.isShown = false;
  }
}

/** A page of the editor: what was put into it, and the test's hand on its buttons and its tab. */
export class WebviewPanel {
  readonly #received = new EventEmitter<unknown>();
  readonly #disposed = new EventEmitter<void>();
  readonly posted: unknown[] = [];
  readonly options: unknown;
  title: string;
  isOpen = true;
  readonly webview = {
    html: "",
    onDidReceiveMessage: this.#received.event,
    postMessage: (message: unknown): Promise<boolean> => {
      this.posted.push(message);
      return Promise.resolve(true);
    },
  };
  readonly onDidDispose = this.#disposed.event;

  constructor(title: string, options: unknown) {
    this.title = title;
    this.options = options;
  }
  /** The page's script says something. */
  say(message: unknown): void {
    this.#received.fire(message);
  }
  reveal(): void {
    this.isOpen = true;
  }
  dispose(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#disposed.fire();
  }
}

export const webviewPanels: WebviewPanel[] = [];
export const ViewColumn = { Active: -1 } as const;

/** The items that were made, in order; the last is the youngest. */
export const statusBarItems: StatusBarItem[] = [];

export const window = {
  showInformationMessage: show("information"),
  showWarningMessage: show("warning"),
  showErrorMessage: show("error"),
  showQuickPick: async <T extends api.QuickPickItem>(
    items: readonly T[] | Promise<readonly T[]>,
    options?: api.QuickPickOptions,
  ): Promise<T | undefined> => {
    const rows = await items;
    const shown = { labels: rows.map(({ label }) => label), title: options?.title };
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
    editor.progress.push(title);
    try {
      return await task({ report: () => undefined }, source.token);
    } finally {
      editor.progress.splice(editor.progress.indexOf(title), 1);
      source.dispose();
    }
  },
  createStatusBarItem: (): StatusBarItem => {
    const item = new StatusBarItem();
    statusBarItems.push(item);
    return item;
  },
  createWebviewPanel: (_type: string, title: string, _column: number, options: unknown): WebviewPanel => {
    const panel = new WebviewPanel(title, options);
    webviewPanels.push(panel);
    return panel;
  },
  setStatusBarMessage: (): Disposable => ({ dispose: () => undefined }),
};

export const commands = {
  registerCommand: (id: string, handler: Handler): Disposable => {
    registered.set(id, handler);
    return { dispose: () => void registered.delete(id) };
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

export const workspace = {
  get isTrusted(): boolean {
    return editor.isTrusted;
  },
  onDidGrantWorkspaceTrust: nothing.event,
  onDidChangeConfiguration: configurationChanged.event,
  get workspaceFolders(): readonly ReadonlyMap<string, unknown>[] {
    return editor.folders;
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
  registerAuthenticationProvider: (): Disposable => ({ dispose: () => undefined }),
};
