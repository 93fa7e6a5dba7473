/** Which of a connector's tools may be used. Every part that is there has to let a tool through. */
export interface ToolRules {
  /** Names of tools; `*` stands for any characters, none included. Absent: all. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** Only tools that say of themselves that they change nothing (MCP, `annotations.readOnlyHint`). */
  readonly readOnly?: boolean;
}

/** Rules, and the setting to blame for what they forbid. */
export interface NamedToolRules extends ToolRules {
  readonly by: string;
}

export interface NamedTool {
  readonly name: string;
  readonly isReadOnly: boolean;
}

/** The first that forbids the tool; undefined where all let it through. */
export const forbiddingRules = (
  tool: NamedTool,
  rules: readonly NamedToolRules[],
): NamedToolRules | undefined => rules.find((each) => !letsThrough(each, tool));

const letsThrough = ({ allow, deny = [], readOnly = false }: ToolRules, tool: NamedTool): boolean =>
  (allow === undefined || allow.some((pattern) => isMatch(tool.name, pattern))) &&
  !deny.some((pattern) => isMatch(tool.name, pattern)) &&
  (!readOnly || tool.isReadOnly);

interface RuledConnector {
  readonly userAuth: { readonly tools?: ToolRules };
  readonly narrowed?: readonly NamedToolRules[];
}

/** All the rules that a connector's tools are under. */
export const toolRulesOf = ({
  userAuth: { tools },
  narrowed = [],
}: RuledConnector): readonly NamedToolRules[] =>
  tools === undefined ? narrowed : [{ ...tools, by: "userAuth.tools" }, ...narrowed];

/** Whether rules let nothing through that others do not. Where that cannot be told, they do not. */
export const isAsNarrow = (rules: ToolRules | undefined, than: ToolRules | undefined): boolean => {
  const { allow, deny = [], readOnly = false } = rules ?? {};
  const other = than ?? {};
  const covers = (wide: readonly string[], narrow: string): boolean =>
    wide.some((pattern) => isMatch(narrow, pattern));
  return (
    (other.allow === undefined || allow?.every((each) => covers(other.allow ?? [], each)) === true) &&
    (other.deny ?? []).every((each) => covers(deny, each)) &&
    (readOnly || other.readOnly !== true)
  );
};

/**
 * Whether a name is of a pattern. A pattern in the place of the name matches only where all names of it do: its `*` can
 * only stand where the other one has a `*`.
 */
const isMatch = (name: string, pattern: string): boolean => {
  const [first = "", ...others] = pattern.split("*");
  if (!name.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return name === first;
  let at = first.length;
  for (const piece of others) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
};

/** For people, on one line: the words are those of the settings. */
export const toolRulesText = ({ allow, deny, readOnly }: ToolRules): string =>
  [
    ...(allow === undefined ? [] : [`allow: ${allow.join(", ")}`]),
    ...(deny === undefined ? [] : [`deny: ${deny.join(", ")}`]),
    ...(readOnly === true ? ["readOnly"] : []),
  ].join("; ");
