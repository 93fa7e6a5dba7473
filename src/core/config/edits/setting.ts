import type * as z from "zod";
import { plainText } from "../../text.ts";
import { expand, type Env } from "../entry/expand.ts";
import type { Issue } from "../issues/issue.ts";
import { issues } from "../issues/issues.ts";
import type { JsonValue } from "../text/json.ts";
import { fromSchema, unfold } from "../issues/schemaIssues.ts";

/** What is read on its own stands nowhere; nobody is shown the place. */
const nowhere = { place: { file: "", line: 0, column: 0, endLine: 0, endColumn: 0 } };

/**
 * What is wrong with one setting that somebody is typing, in the words of the file's own issues. Variables are expanded
 * as they are in the file. `path` names the setting.
 */
export const settingProblem = (
  schema: z.ZodType,
  path: readonly string[],
  text: string,
  env: Env,
): Issue | undefined => {
  const { text: expanded, unresolved } = expand(text, env);
  const [variable] = unresolved;
  if (variable !== undefined) {
    const make = variable.kind === "unset" ? issues.unsetVariable : issues.nestedVariable;
    return make(nowhere, plainText(variable.name, 60));
  }
  const [found] = schema.safeParse(expanded).error?.issues.flatMap(unfold) ?? [];
  if (found === undefined) return undefined;
  const value: JsonValue = { kind: "string", text, offset: 0, length: 0 };
  return fromSchema({ ...found, path: [...path, ...found.path] }, { value, span: value }, nowhere);
};
