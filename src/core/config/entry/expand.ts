/** A reference that has no value: where it stands in the text before expansion. */
export interface UnresolvedVariable {
  /** `nested`: inside another reference's default, where Claude Code leaves it as it is. */
  readonly kind: "unset" | "nested";
  readonly name: string;
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly length: number;
}

export interface Expansion {
  /** The text with every reference that has a value replaced; the others stay as written, never empty. */
  readonly text: string;
  readonly unresolved: readonly UnresolvedVariable[];
}

export interface ShownExpansion extends Expansion {
  /** The text with the variables of the environment by their names: what may be shown and kept. */
  readonly shown: string;
  /** The variables whose values are in the text. */
  readonly variables: readonly string[];
}

export type Env = (name: string) => string | undefined;

const opening = "${";
const defaultMark = ":-";

/**
 * Expands `${VAR}` and `${VAR:-default}` as Claude Code does: a reference ends at the first `}`, a variable that is set
 * to nothing counts as set, and what comes out is not expanded again.
 */
export const expand = (source: string, env: Env): Expansion => {
  const { text, unresolved } = expandShowing(source, env);
  return { text, unresolved };
};

/** The same, and what there is to show of it. */
export const expandShowing = (text: string, env: Env): ShownExpansion => {
  const unresolved: UnresolvedVariable[] = [];
  const variables = new Set<string>();
  let expanded = "";
  let shown = "";
  let done = 0;
  let start = text.indexOf(opening);
  while (start >= 0) {
    const end = text.indexOf("}", start + opening.length);
    if (end < 0) break;
    const inner = text.slice(start + opening.length, end);
    const value = inner === "" ? undefined : resolve(inner, env);
    if (typeof value === "string") {
      const name = nameOf(inner);
      const isGiven = env(name) !== undefined;
      if (isGiven) variables.add(name);
      expanded += text.slice(done, start) + value;
      shown += text.slice(done, start) + (isGiven ? `${opening}${name}}` : value);
      done = end + 1;
    } else if (value !== undefined) {
      unresolved.push({ ...value, offset: start, length: end + 1 - start });
    }
    start = text.indexOf(opening, end + 1);
  }
  const rest = text.slice(done);
  return { text: expanded + rest, shown: shown + rest, variables: [...variables], unresolved };
};

const nameOf = (inner: string): string => {
  const mark = inner.indexOf(defaultMark);
  return mark < 0 ? inner : inner.slice(0, mark);
};

const resolve = (inner: string, env: Env): string | Pick<UnresolvedVariable, "kind" | "name"> => {
  const mark = inner.indexOf(defaultMark);
  const name = nameOf(inner);
  const value = env(name);
  if (value !== undefined) return value;
  if (mark < 0) return { kind: "unset", name };
  const fallback = inner.slice(mark + defaultMark.length);
  return fallback.includes(opening) ? { kind: "nested", name } : fallback;
};
