/* eslint-disable @typescript-eslint/no-extraneous-class -- the editor has such classes */
import { english } from "../../../src/core/text.ts";

/** Everything that the editor was given to show, in the order in which it came. */
export const shownTexts: string[] = [];

const show = (value: unknown): void => {
  if (typeof value === "string") shownTexts.push(value);
  else if (Array.isArray(value)) value.forEach(show);
};

const message = (
  text: string,
  options: { readonly detail?: string },
  ...buttons: string[]
): Promise<undefined> => {
  show([text, options.detail, buttons]);
  return Promise.resolve(undefined);
};

/** An object that tells what its properties are set to. */
const told = (): Record<string, unknown> =>
  new Proxy(
    {},
    {
      set: (target: Record<string, unknown>, name, value) => {
        if (name !== "command" && name !== "id") show(value);
        if (name === "items" && Array.isArray(value)) {
          for (const item of value as readonly Record<string, unknown>[]) {
            show([item["label"], item["description"], item["detail"]]);
          }
        }
        return Reflect.set(target, name, value);
      },
    },
  );

class ToldItem {
  constructor(label: string) {
    show(label);
    const item = told();
    return item;
  }
}

/** As much of the editor's API as shows words, recording them: `vi.mock("vscode", () => fakeEditor)`. */
export const fakeEditor = {
  l10n: { t: english },
  env: { language: "en" },
  StatusBarAlignment: { Left: 1 },
  ProgressLocation: { Notification: 15 },
  DiagnosticSeverity: { Error: 0, Warning: 1 },
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  ThemeIcon: class {
    readonly id: string;
    constructor(id: string) {
      this.id = id;
    }
  },
  ThemeColor: class {},
  Range: class {},
  TreeItem: ToldItem,
  CodeLens: class {
    constructor(_range: unknown, command: { readonly title: string; readonly tooltip?: string }) {
      // The icon of a lens is ours, and stands before the words.
      show([command.title.replace(/^\$\([a-z~-]+\) /, ""), command.tooltip]);
    }
  },
  Diagnostic: class {
    constructor(_range: unknown, text: string) {
      show(text);
    }
  },
  window: {
    showInformationMessage: message,
    showWarningMessage: message,
    showErrorMessage: message,
    setStatusBarMessage: show,
    withProgress: async (
      { title }: { readonly title?: string },
      work: (progress: { report(value: { readonly message: string }): void }) => Promise<unknown>,
    ): Promise<unknown> => {
      show(title);
      return work({ report: (value) => show(value.message) });
    },
    showQuickPick: (items: readonly Record<string, unknown>[]): Promise<undefined> => {
      for (const { label, description, detail } of items) show([label, description, detail]);
      return Promise.resolve(undefined);
    },
    createQuickPick: told,
    createInputBox: told,
    createStatusBarItem: () => {
      const item = told();
      return new Proxy(item, {
        set: (target, name, value) =>
          Reflect.set(target, name, name === "text" ? String(value).replace(/^\$\([a-z~-]+\) /, "") : value),
      });
    },
  },
} as const;
