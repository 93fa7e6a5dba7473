/** Things of the workbench, each as far as decisions go, and with the test's hands on it. */
import type * as api from "vscode";
import type { Disposable } from "../../../src/core/disposable.ts";
import { show, told, withoutIcon } from "./shown.ts";

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

/** A box to type into, or a list that stays. `type` and `press` are the person's. */
export class Box {
  title = "";
  prompt = "";
  placeholder: string | undefined;
  validationMessage: string | undefined;
  value = "";
  password = false;
  ignoreFocusOut = false;
  items: readonly unknown[] = [];
  isShown = false;
  readonly #changed = new EventEmitter<string>();
  readonly #accepted = new EventEmitter<undefined>();
  readonly #hidden = new EventEmitter<undefined>();
  readonly onDidChangeValue = this.#changed.event;
  readonly onDidAccept = this.#accepted.event;
  readonly onDidHide = this.#hidden.event;
  show(): void {
    this.isShown = true;
  }
  hide(): void {
    this.isShown = false;
    this.#hidden.fire(undefined);
  }
  type(text: string): void {
    this.value = text;
    this.#changed.fire(text);
  }
  accept(): void {
    this.#accepted.fire(undefined);
  }
  dispose(): void {
    this.isShown = false;
  }
}

/** A page of our own. `press` is what its script says when the person presses a button. */
export class WebviewPanel {
  readonly viewType: string;
  title: string;
  isOpen = true;
  revealed = 0;
  readonly posted: unknown[] = [];
  readonly #messages = new EventEmitter<unknown>();
  readonly #disposed = new EventEmitter<undefined>();
  readonly onDidDispose = this.#disposed.event;
  readonly webview = {
    html: "",
    onDidReceiveMessage: this.#messages.event,
    postMessage: (message: unknown): Promise<boolean> => {
      this.posted.push(message);
      return Promise.resolve(true);
    },
  };
  readonly options: unknown;
  constructor(viewType: string, title: string, options?: unknown) {
    this.viewType = viewType;
    this.title = title;
    this.options = options;
  }
  reveal(): void {
    this.revealed += 1;
  }
  press(message: unknown): void {
    this.#messages.fire(message);
  }
  /** Bound, for what was made is handed out behind a proxy, which has no private members. */
  readonly dispose = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#disposed.fire(undefined);
  };
}

/** What was made of each kind, in order; the last is the youngest. */
export const statusBarItems: StatusBarItem[] = [];
export const boxes: Box[] = [];
export const panels: WebviewPanel[] = [];

export const made = <T extends object>(list: T[], thing: T): T => {
  list.push(thing);
  return told(thing);
};

/** A row. What it is given later is shown as well. */
export class TreeItem {
  label: string | undefined;
  description: string | undefined;
  tooltip: string | undefined;
  constructor(label: string) {
    show(label);
    this.label = label;
    return told(this);
  }
}

export class CodeLens {
  readonly range: unknown;
  readonly command: api.Command;
  constructor(range: unknown, command: api.Command) {
    show([withoutIcon(command.title), command.tooltip]);
    this.range = range;
    this.command = command;
  }
}

export class Diagnostic {
  readonly range: unknown;
  readonly message: string;
  readonly severity: number;
  source: string | undefined;
  code: string | undefined;
  constructor(range: unknown, message: string, severity: number) {
    show(message);
    this.range = range;
    this.message = message;
    this.severity = severity;
  }
}
