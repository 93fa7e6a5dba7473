import { readCommand, type Shell } from "./shell.ts";

/**
 * Whether a helper that was called with these arguments runs the command that was approved. What only a shell can tell
 * (variables, patterns, whatever follows a redirection) is taken as it comes: it was approved as it stands.
 */
export const runsCommand = (approved: string, argv: readonly string[], shell: Shell = "sh"): boolean => {
  const { words, isWhole } = readCommand(approved, shell);
  for (const [index, word] of words.entries()) {
    if (word.kind === "expands" && word.splits) return true;
    const given = argv[index];
    if (given === undefined || (word.kind === "plain" && word.text !== given)) return false;
  }
  return !isWhole || words.length === argv.length;
};
