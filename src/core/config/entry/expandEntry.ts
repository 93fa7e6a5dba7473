import { plainText } from "../../text.ts";
import type { ShownEntry } from "../connector.ts";
import type { Issue } from "../issues/issue.ts";
import { issues, type Where } from "../issues/issues.ts";
import { spotAt } from "../issues/schemaIssues.ts";
import { offsetsInString, type JsonValue, type Span } from "../text/json.ts";
import { rawText, toData, type StringReader } from "./data.ts";
import type { EntryFrame } from "./entryFrame.ts";
import { expandShowing } from "./expand.ts";

export interface ExpandedEntry {
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Offsets of the strings that still hold a variable: the schema's opinion of them would mislead. */
  readonly unresolvedAt: ReadonlySet<number>;
  readonly shown: ShownEntry;
}

/** The entry as plain data, with variables expanded in `url` and throughout `userAuth`. */
export const expandEntry = (frame: EntryFrame, root: JsonValue, at: (span: Span) => Where): ExpandedEntry => {
  const found: Issue[] = [];
  const unresolvedAt = new Set<number>();
  const variables = new Set<string>();
  const expandString: StringReader = (string) => {
    const { text, unresolved, variables: given } = expandShowing(string.text, frame.env);
    for (const name of given) variables.add(name);
    if (unresolved.length > 0) unresolvedAt.add(string.offset);
    const bounds = unresolved.flatMap(({ offset, length }) => [offset, offset + length]);
    const offsets = offsetsInString(frame.text, string, bounds);
    for (const [index, { kind, name }] of unresolved.entries()) {
      const offset = offsets[2 * index] ?? string.offset;
      const length = (offsets[2 * index + 1] ?? offset) - offset;
      const make = kind === "unset" ? issues.unsetVariable : issues.nestedVariable;
      found.push(make(at({ offset, length }), plainText(name, 60)));
    }
    return text;
  };
  const reference: StringReader = (string) => {
    const name = /^\$\{(\w+)\}$/.exec(string.text)?.[1];
    if (name !== undefined) variables.add(name);
    if (name !== undefined && frame.env(name) === undefined)
      found.push(issues.secretUnset(at(string), plainText(name, 60)));
    return string.text;
  };
  const rest = { issues: found, unresolvedAt };
  if (root.kind !== "object") {
    return { ...rest, value: toData(root, rawText), shown: shownEntry(root, frame, []) };
  }
  const members = root.members.map(({ name, value }): readonly [string, unknown] => [
    name,
    name === "userAuth"
      ? userAuthData(value, expandString, reference)
      : toData(value, name === "url" ? expandString : rawText),
  ]);
  return { ...rest, value: Object.fromEntries(members), shown: shownEntry(root, frame, [...variables]) };
};

/** The client's secret stays the name of its variable: its value is nobody's but the sign-in's. */
const userAuthData = (value: JsonValue, read: StringReader, reference: StringReader): unknown =>
  value.kind !== "object"
    ? toData(value, read)
    : Object.fromEntries(
        value.members.map((member): readonly [string, unknown] => [
          member.name,
          toData(member.value, member.name === "clientSecret" ? reference : read),
        ]),
      );

const shownEntry = (root: JsonValue, { env }: EntryFrame, variables: readonly string[]): ShownEntry => {
  const at = (path: readonly string[]): JsonValue | undefined => spotAt(root, root, path).value;
  const read: StringReader = ({ text }) => expandShowing(text, env).shown;
  const text = (value: JsonValue | undefined): string => (value?.kind === "string" ? read(value) : "");
  const credential = at(["userAuth", "credential"]);
  return {
    url: text(at(["command"]) === undefined ? at(["url"]) : at(["userAuth", "url"])),
    issuer: text(at(["userAuth", "issuer"])),
    credential: credential === undefined ? undefined : JSON.stringify(toData(credential, read), null, 1),
    variables,
  };
};
