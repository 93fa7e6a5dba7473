/** One word of a command as a POSIX shell reads it: its text, or `undefined` where only the shell could tell. */
interface Word {
  readonly text: string | undefined;
  /** An unquoted variable or pattern may become any number of words. */
  readonly splits: boolean;
}

/** 1 double-quoted · 2 single-quoted · 3 escaped · 4 bare. Elsewhere the shell sees another command or a redirection. */
const part = /"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|\\([\s\S])|([^\s"'\\;|&<>()`])/y;
const blank = /[ \t]*/y;

/**
 * Whether a helper that was called with these arguments runs the command that was approved (POSIX, 2.2 and 2.6).
 * What only a shell can tell (variables, patterns, whatever follows a redirection) is taken as it comes: it was
 * approved as it stands.
 */
export const runsCommand = (approved: string, argv: readonly string[]): boolean => {
  const { words, isWhole } = wordsOf(approved);
  for (const [index, { text, splits }] of words.entries()) {
    if (splits) return true;
    const given = argv[index];
    if (given === undefined || (text !== undefined && text !== given)) return false;
  }
  return !isWhole || words.length === argv.length;
};

/** The words up to the end, or to the first thing that is none. */
const wordsOf = (command: string): { readonly words: readonly Word[]; readonly isWhole: boolean } => {
  const words: Word[] = [];
  let at = 0;
  while (at < command.length) {
    at = endOf(blank, command, at) ?? at;
    const { word, end } = wordAt(command, at);
    if (end === at) break;
    // A digit right before a redirection belongs to it.
    if (/[<>]/.test(command.charAt(end)) && /^\d+$/.test(command.slice(at, end)))
      return { words, isWhole: false };
    words.push(word);
    at = end;
  }
  return { words, isWhole: at >= command.length };
};

const wordAt = (command: string, start: number): { readonly word: Word; readonly end: number } => {
  const next = new RegExp(part);
  next.lastIndex = start;
  let end = start;
  let text = "";
  let isPlain = true;
  let splits = false;
  for (let found = next.exec(command); found !== null; found = next.exec(command)) {
    const [, double = "", single = "", escaped = "", bare = ""] = found;
    if (/[$`\\]/.test(double)) isPlain = false;
    // Of the quoted ones `"$@"` alone becomes several words, or none.
    if (/[$*?[{~#]/.test(bare) || /\$\{?@/.test(double)) splits = true;
    text += double + single + escaped + bare;
    end = next.lastIndex;
  }
  return { word: { text: isPlain ? text : undefined, splits }, end };
};

const endOf = (pattern: RegExp, text: string, start: number): number | undefined => {
  const next = new RegExp(pattern);
  next.lastIndex = start;
  return next.exec(text) === null ? undefined : next.lastIndex;
};
