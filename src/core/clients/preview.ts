/** What changes from one text to another, as lines with `+` and `-`; what surrounds them is left out. */
export const previewOf = (before: string, after: string): string => {
  const [old, now] = [linesOf(before), linesOf(after)];
  const first = commonLength(old, now);
  const last = Math.min(
    commonLength(old.toReversed(), now.toReversed()),
    Math.min(old.length, now.length) - first,
  );
  const marked = (mark: string, lines: readonly string[]): readonly string[] =>
    lines.slice(first, lines.length - last).map((line) => `${mark} ${line}`);
  return [...marked("-", old), ...marked("+", now)].join("\n");
};

const linesOf = (text: string): readonly string[] => text.replace(/\r?\n$/, "").split(/\r?\n/);

const commonLength = (a: readonly string[], b: readonly string[]): number => {
  const differs = a.findIndex((line, index) => line !== b[index]);
  return differs < 0 ? Math.min(a.length, b.length) : differs;
};
