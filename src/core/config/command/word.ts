/** One word of a command, before anything runs. */
export type Word =
  /** What the program gets, letter by letter. */
  | { readonly kind: "plain"; readonly text: string; readonly end: number }
  /** Holds a variable or a pattern: only the shell can tell its text and, where `splits`, how many words it becomes. */
  | { readonly kind: "expands"; readonly written: string; readonly splits: boolean; readonly end: number };

/** A command as its shell takes it apart. `end` of a word is the offset behind it. */
export interface Reading {
  readonly words: readonly Word[];
  /** False where something follows that is no word: another command, a redirection, a substitution, an open quote. */
  readonly isWhole: boolean;
}

/** A word by its text, or as it is written where only the shell can tell; "" where there is none. */
export const writtenOf = (word: Word | undefined): string =>
  word === undefined ? "" : word.kind === "plain" ? word.text : word.written;
