import * as vscode from "vscode";
import { inertText } from "../core/text.ts";
import type { CommandId, ShellCommandId } from "./manifestNames.ts";

/**
 * The one door to the editor's messages, progress, inputs, rows and lenses. The editor makes links of
 * `[label](command:…)` and pictures of `$(name)` in them, whoever wrote the words: so all that goes through here has
 * lost both. The linter refuses the editor's own calls elsewhere.
 */

type Severity = "information" | "warning" | "error";
type Show = (
  message: string,
  options: vscode.MessageOptions,
  ...buttons: string[]
) => Thenable<string | undefined>;

const shows: Readonly<Record<Severity, Show>> = {
  information: (...all) => vscode.window.showInformationMessage(...all),
  warning: (...all) => vscode.window.showWarningMessage(...all),
  error: (...all) => vscode.window.showErrorMessage(...all),
};

/** @returns the button that was chosen. */
type Tell = (message: string, ...buttons: readonly string[]) => Promise<string | undefined>;

const tellAs =
  (severity: Severity, options: vscode.MessageOptions = {}): Tell =>
  async (message, ...buttons) => {
    const shown = buttons.map(inertText);
    const choice = await shows[severity](inertText(message), options, ...shown);
    return choice === undefined ? undefined : buttons[shown.indexOf(choice)];
  };

export const tellInformation = tellAs("information");
export const tellWarning = tellAs("warning");
export const tellError = tellAs("error");

export interface ModalQuestion {
  readonly severity: Severity;
  readonly message: string;
  readonly detail: string;
  /** What the one button says; everything else is a no. */
  readonly yes: string;
}

/** Asks in a dialog that waits. Cancel, Escape and closing are a no. */
export const confirm = async ({ severity, message, detail, yes }: ModalQuestion): Promise<boolean> =>
  (await choose({ severity, message, detail }, yes)) === yes;

/** One of several answers in a dialog that waits; `undefined` when it was closed. */
export const choose = (
  { severity, message, detail }: Omit<ModalQuestion, "yes">,
  ...answers: readonly string[]
): Promise<string | undefined> =>
  tellAs(severity, { modal: true, detail: inertText(detail) })(message, ...answers);

/** A link that we mean to be one: words and a command of our own, without arguments. */
export interface CommandLink {
  readonly label: string;
  readonly command: CommandId | ShellCommandId;
}

export interface Progress {
  /** What is going on now, and what a person can do about it. */
  report(message: string, links?: readonly CommandLink[]): void;
}

const withLinks = (message: string, links: readonly CommandLink[]): string => {
  const written = links.map(({ label, command }) => `[${label.replace(/[[\]()]/g, "")}](command:${command})`);
  return [inertText(message), ...(written.length === 0 ? [] : [written.join(" · ")])].join(" ");
};

/** Shows that something goes on. The signal fires when the person cancels, where `options` lets them. */
export const withProgress = <T>(
  options: vscode.ProgressOptions,
  work: (progress: Progress, signal: AbortSignal) => Promise<T>,
): Thenable<T> =>
  vscode.window.withProgress(
    options.title === undefined ? options : { ...options, title: inertText(options.title) },
    async (progress, token) => {
      const end = new AbortController();
      const listening = token.onCancellationRequested(() => end.abort());
      const report: Progress["report"] = (message, links = []) =>
        progress.report({ message: withLinks(message, links) });
      try {
        return await work({ report }, end.signal);
      } finally {
        listening.dispose();
      }
    },
  );

export const showStatusMessage = (text: string, forMs: number): void => {
  vscode.window.setStatusBarMessage(inertText(text), forMs);
};

/** A row of a list to choose from, its words inert. Icons come by `iconPath`. */
const inertRow = <T extends vscode.QuickPickItem>(item: T): T => ({
  ...item,
  label: inertText(item.label),
  ...(item.description === undefined ? {} : { description: inertText(item.description) }),
  ...(item.detail === undefined ? {} : { detail: inertText(item.detail) }),
});

export const pickOne = <T extends vscode.QuickPickItem>(
  items: readonly T[],
  words: { readonly title?: string; readonly placeHolder: string },
): Thenable<T | undefined> => vscode.window.showQuickPick(items.map(inertRow), words);

export const openPick = <T extends vscode.QuickPickItem>(
  items: readonly T[],
  placeholder: string,
): vscode.QuickPick<T> => {
  const pick = vscode.window.createQuickPick<T>();
  pick.items = items.map(inertRow);
  pick.placeholder = inertText(placeholder);
  return pick;
};

/**
 * A document of ours that tells what others said. In its language the editor makes no links (`configurationDefaults` of
 * the manifest), which it makes of every address in plain text.
 */
export const showReport = async (
  document: vscode.TextDocument,
  language: "lanyard-history" | "lanyard-report",
): Promise<void> => {
  const inert = await vscode.languages.setTextDocumentLanguage(document, language);
  await vscode.window.showTextDocument(inert, { preview: false });
};

export interface Input {
  readonly box: vscode.InputBox;
  /** Says what is wrong with what was typed, or that nothing is. */
  readonly problem: (text: string | undefined) => void;
}

export const openInput = (prompt: string, placeholder?: string): Input => {
  const box = vscode.window.createInputBox();
  box.prompt = inertText(prompt);
  box.placeholder = placeholder === undefined ? undefined : inertText(placeholder);
  const problem = (text: string | undefined): void => {
    box.validationMessage = text === undefined ? undefined : inertText(text);
  };
  return { box, problem };
};

/** The item of the status bar: an icon of ours, and words. */
export const drawStatusBar = (
  item: vscode.StatusBarItem,
  { icon, text, tooltip }: { readonly icon: string; readonly text: string; readonly tooltip: string },
): void => {
  item.text = `$(${icon}) ${inertText(text)}`;
  item.tooltip = inertText(tooltip);
};

export const openStatusBar = (id: string): vscode.StatusBarItem =>
  vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left);

export const treeItem = (label: string, description?: string): vscode.TreeItem => {
  const item = new vscode.TreeItem(inertText(label));
  if (description !== undefined) item.description = inertText(description);
  return item;
};

export const setTooltip = (item: vscode.TreeItem, tooltip: string): void => {
  item.tooltip = inertText(tooltip);
};

/** What stands above the rows of a view. */
export const setViewMessage = (view: vscode.TreeView<unknown>, message: string): void => {
  const inert = inertText(message);
  if ((view.message ?? "") !== inert) view.message = inert;
};

export interface Lens {
  readonly icon?: string;
  readonly title: string;
  readonly tooltip?: string;
  readonly command: string;
  readonly arguments?: unknown[];
}

export const codeLens = (range: vscode.Range, { icon, title, tooltip, ...rest }: Lens): vscode.CodeLens =>
  new vscode.CodeLens(range, {
    ...rest,
    title: `${icon === undefined ? "" : `$(${icon}) `}${inertText(title)}`,
    ...(tooltip === undefined ? {} : { tooltip: inertText(tooltip) }),
  });

export const diagnosticAt = (
  range: vscode.Range,
  message: string,
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic => new vscode.Diagnostic(range, inertText(message), severity);
