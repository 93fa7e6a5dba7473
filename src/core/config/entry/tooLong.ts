import { rawText, toData } from "./data.ts";
import type { Issue } from "../issues/issue.ts";
import { issues, type Where } from "../issues/issues.ts";
import { spotAt } from "../issues/schemaIssues.ts";
import type { JsonValue, Member, Span } from "../text/json.ts";

/** How many characters of each an approval can show, so that a person can read them; `credential` as JSON. */
const limits: readonly (readonly [path: readonly string[], characters: number])[] = [
  [["url"], 1000],
  [["headersHelper"], 2000],
  [["command"], 500],
  [["args"], 2000],
  [["userAuth", "url"], 1000],
  [["userAuth", "issuer"], 500],
  [["userAuth", "clientId"], 300],
  [["userAuth", "scopes"], 2000],
  [["userAuth", "resource"], 1000],
  [["userAuth", "events"], 1000],
  [["userAuth", "parameters"], 2000],
  [["userAuth", "credential"], 6000],
];
const nameLimit = 200;

/** What nobody could read before they approve it. */
export const tooLong = (root: JsonValue, server: Member, at: (span: Span) => Where): readonly Issue[] => [
  ...(server.name.length > nameLimit ? [issues.tooLong(at(server.key), "name", nameLimit)] : []),
  ...limits.flatMap(([path, limit]) => {
    const { value, span } = spotAt(root, server.key, path);
    if (value === undefined) return [];
    const data = toData(value, rawText);
    const { length } = typeof data === "string" ? data : JSON.stringify(data);
    return length > limit ? [issues.tooLong(at(span), path.join("."), limit)] : [];
  }),
];
