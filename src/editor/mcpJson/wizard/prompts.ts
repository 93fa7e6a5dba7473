import * as vscode from "vscode";
import { openInput, openPick } from "../../screen.ts";
import { DisposableStore } from "../../../core/disposable.ts";

export const back = Symbol("back");

interface Prompt {
  readonly title: string;
  readonly step: number;
  /** What is asked, in a sentence. */
  readonly prompt: string;
}

export interface TextPrompt extends Prompt {
  readonly value?: string;
  readonly placeholder?: string;
  /** Why a text cannot be taken; it is shown while the person types. */
  readonly problemOf: (text: string) => string | undefined;
}

export interface ChoicePrompt<T> extends Prompt {
  readonly items: readonly (vscode.QuickPickItem & { readonly value: T })[];
}

/** Asks for a line of text. @throws CancellationError when the person leaves. */
export const promptText = async (asked: TextPrompt): Promise<string | typeof back> => {
  const { value = "", placeholder, prompt, problemOf } = asked;
  const { box, problem } = openInput(prompt, placeholder);
  const judge = (): void => {
    problem(box.value === "" ? undefined : problemOf(box.value.trim()));
  };
  return untilAnswered(box, asked, (owned, answer) => {
    box.value = value;
    owned.add(box.onDidChangeValue(judge));
    owned.add(
      box.onDidAccept(() => {
        const text = box.value.trim();
        const wrong = problemOf(text);
        problem(wrong);
        if (wrong === undefined) answer(text);
      }),
    );
  });
};

/** Asks for one of several. @throws CancellationError when the person leaves. */
export const promptChoice = async <T>(asked: ChoicePrompt<T>): Promise<T | typeof back> => {
  const pick = openPick(asked.items, asked.prompt);
  return untilAnswered(pick, asked, (owned, answer) => {
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    owned.add(
      pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        if (chosen !== undefined) answer(chosen.value);
      }),
    );
  });
};

/** Shows an input until it is answered or left. It stays while the person looks something up in another window. */
const untilAnswered = async <T>(
  input: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem & { readonly value: T }>,
  { title, step }: Prompt,
  prepare: (owned: DisposableStore, answer: (value: T) => void) => void,
): Promise<T | typeof back> => {
  const owned = new DisposableStore();
  owned.add(input);
  try {
    return await new Promise<T | typeof back>((resolve, reject) => {
      input.title = title;
      input.ignoreFocusOut = true;
      input.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
      owned.add(input.onDidTriggerButton(() => resolve(back)));
      owned.add(input.onDidHide(() => reject(new vscode.CancellationError())));
      prepare(owned, resolve);
      input.show();
    });
  } finally {
    owned.dispose();
  }
};
