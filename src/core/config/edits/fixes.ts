import type { Node } from "jsonc-parser";
import type { Env } from "../entry/expand.ts";
import { helperCommand, helperCommandFor } from "../command/helperCommand.ts";
import { helperRoute } from "../command/helperRoute.ts";
import type { IssueCode } from "../issues/issue.ts";
import type { Span } from "../text/json.ts";
import type { Fix, FixKind } from "./fix.ts";
import { addGuards, withHelper } from "./guards.ts";
import { spellIssuer } from "./issuerSpelling.ts";
import { insertMembers, propertyOf } from "./members.ts";
import { serverAt, stringOf, treeOf, type ServerAt } from "./server.ts";
import { removeToken } from "./token.ts";

/** An issue of the text, as far as a fix needs it. `code` is the issue's, or anything that has no fix. */
export interface FixableIssue extends Span {
  readonly code: string;
}

type Fixer = (text: string, span: Span, root: Node, env: Env) => readonly Fix[];

/**
 * What mends one issue of a text, best first. Pure: the text itself decides, so that it may have changed since.
 * @param env what the variables of the file are expanded from.
 */
export const fixesFor = (text: string, { code, ...span }: FixableIssue, env: Env): readonly Fix[] => {
  const root = treeOf(text);
  return (root && fixers.get(code)?.(text, span, root, env)) ?? [];
};

const defaultText = "value";

/** `${VAR}` becomes `${VAR:-value}`, and `value` is left to the person. */
const addDefault: Fixer = (text, { offset, length }) => {
  const [, name] = /^\$\{([^{}:"\\]+)\}$/.exec(text.slice(offset, offset + length)) ?? [];
  if (name === undefined) return [];
  const start = `\${${name}:-`;
  const placeholder = { offset: start.length, length: defaultText.length };
  const edit = { offset, length, content: `${start}${defaultText}}`, placeholder };
  return [{ kind: "addDefault", subject: name, edits: [edit] }];
};

/** The scheme of a URL, at the start of a string or of the default of the variable that it begins with. */
const insecureScheme = /^"(?:\$\{[^{}:"\\]+:-)?(https?|wss?)(?=:\/\/)/i;

const useHttps: Fixer = (text, { offset, length }) => {
  const found = insecureScheme.exec(text.slice(offset, offset + length));
  const scheme = found?.[1]?.toLowerCase();
  if (found === null || (scheme !== "http" && scheme !== "ws")) return [];
  const edit = { offset: offset + found[0].length, length: 0, content: "s" };
  return [{ kind: "useHttps", subject: `${scheme}s`, edits: [edit] }];
};

/** A missing helper is added; a helper of someone else's is kept and run by Lanyard, or replaced. The guards come with it. */
const routeHelper: Fixer = (text, { offset }, root, env) => {
  const server = serverAt(root, offset);
  if (server === undefined) return [];
  const helper = propertyOf(server.entry, "headersHelper");
  const route = helperRoute(stringOf(server.entry, "headersHelper"));
  const subject = server.name;
  const fixWith = (kind: FixKind, command: string): Fix => {
    return { kind, subject, edits: withHelper(text, server, command, env) };
  };
  if (route.kind === "absent") return [fixWith("addHelper", helperCommand)];
  if (helper === undefined || route.kind !== "foreign") return [];
  const replacing = fixWith("replaceHelper", helperCommand);
  if (!allowsScript(server)) return [replacing];
  return [fixWith("wrapHelper", helperCommandFor(route.command)), replacing];
};

/** The half that the string lacks; of a script, with the same words. */
const completeHelper: Fixer = (text, { offset }, root, env) => {
  const server = serverAt(root, offset);
  const own = server && stringOf(server.entry, "headersHelper");
  if (server === undefined || own === undefined) return [];
  const route = helperRoute(own, /^\s*"?%/.test(own) ? "cmd" : "sh");
  const command = route.kind === "script" ? helperCommandFor(route.command) : helperCommand;
  const isOurs = route.kind === "lanyard" || (route.kind === "script" && !route.stdin);
  if (command === own || !isOurs) return [];
  return [{ kind: "everywhere", subject: server.name, edits: withHelper(text, server, command, env) }];
};

/** An entry that names another source cannot also have a script. */
const allowsScript = ({ entry }: ServerAt): boolean => {
  const userAuth = propertyOf(entry, "userAuth")?.value;
  const credential = userAuth && propertyOf(userAuth, "credential")?.value;
  return credential === undefined || stringOf(credential, "source") === "script";
};

/** Of what can be missing, only the type has a value that fits everywhere. */
const addType: Fixer = (text, { offset }, root) => {
  const server = serverAt(root, offset);
  if (server?.property.key.offset !== offset || propertyOf(server.entry, "type") !== undefined) return [];
  const edits = insertMembers(text, server.entry, [{ name: "type", value: "http" }]);
  return [{ kind: "addType", subject: server.name, edits }];
};

const fixersByCode: Readonly<Partial<Record<IssueCode, Fixer>>> = {
  unsetVariable: addDefault,
  insecureUrl: useHttps,
  insecureIssuer: useHttps,
  issuerSpelling: spellIssuer,
  helperMissing: routeHelper,
  helperElsewhere: completeHelper,
  missing: addType,
  literalToken: removeToken,
  guardMissing: addGuards,
  guardWrongCase: addGuards,
  guardSent: addGuards,
  guardBlocks: addGuards,
};

const fixers: ReadonlyMap<string, Fixer> = new Map(Object.entries(fixersByCode));
