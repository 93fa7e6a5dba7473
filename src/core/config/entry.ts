import type * as z from "zod";
import { plainText } from "../text.ts";
import type {
  BrokenEntry,
  Connector,
  CredentialConfig,
  HelperRoute,
  EntryOrigin,
  ShownEntry,
} from "./connector.ts";
import type { Shell } from "./command/shell.ts";
import { rawText, toData, type StringReader } from "./data.ts";
import { withDefaults, type Defaults } from "./defaults.ts";
import { tooLong } from "./tooLong.ts";
import { expandShowing, type Env } from "./expand.ts";
import { guardedNames, guardFaults, namesInUse, type GuardedNames, type StaticHeader } from "./guard.ts";
import { isLiteralCredential } from "./headerValue.ts";
import { helperRoute } from "./command/helperRoute.ts";
import type { Issue } from "./issues/issue.ts";
import { issues, syntaxIssue, type Where } from "./issues/issues.ts";
import { offsetsInString, valueAt, type JsonValue, type Member, type Span } from "./json.ts";
import type { Places } from "./places.ts";
import { shownCommand, type StartCommand } from "./command/bridgeCommand.ts";
import { bridgeIssues, bridgeRoute, startIn } from "./bridgeEntry.ts";
import { scriptProblem } from "./command/scriptProgram.ts";
import { bridgeEntrySchema, entrySchema, type Entry } from "./schema/schema.ts";
import { fromSchema, spotAt, unfold } from "./issues/schemaIssues.ts";

/** What an entry stands in. */
export interface EntryFrame {
  readonly text: string;
  readonly places: Places;
  readonly origin: EntryOrigin;
  readonly env: Env;
  readonly shell: Shell;
  /** The `userAuth` beside the servers. */
  readonly defaults?: Defaults;
}

export type EntryReading =
  | { readonly kind: "connector"; readonly connector: Connector; readonly warnings: readonly Issue[] }
  | { readonly kind: "broken"; readonly broken: BrokenEntry };

/** Unique over all files and folders, and the same as long as file, folder and name are. */
export const entryId = (origin: EntryOrigin, name: string): string =>
  JSON.stringify([origin.kind, origin.file, origin.folder ?? null, name]);

/** An entry that cannot be used, for the reasons given. */
export const brokenEntry = (frame: EntryFrame, server: Member, found: readonly Issue[]): EntryReading => ({
  kind: "broken",
  broken: { ...identify(frame, server), issues: found },
});

/** Reads one server entry that has `userAuth`. Warnings leave it usable; any error breaks it. */
export const readEntry = (frame: EntryFrame, server: Member): EntryReading => {
  const { id } = identify(frame, server);
  const at = (span: Span): Where => ({ place: frame.places.at(span.offset, span.length), connector: id });
  const own = valueAt(frame.text, server.value);
  const root = own && withDefaults(own, frame.defaults);
  if (root === undefined) return brokenEntry(frame, server, [syntaxIssue("TooDeep")(at(server.key))]);

  const expanded = expandEntry(frame, root, at);
  const start = startIn(expanded.value);
  const parsed = (start === undefined ? entrySchema : bridgeEntrySchema).safeParse(expanded.value);
  const helperSpot = spotAt(root, server.key, [start === undefined ? "headersHelper" : "command"]);
  const headers = headersOf(root);
  const helper = routeOf(start, helperSpot.value, frame, server);
  const names = guardedNames(expanded.value, helper, frame.env);
  const around = spotAt(root, server.key, ["headers"]).span;
  const found: Issue[] = [
    ...expanded.issues,
    ...literalTokens(headers, at),
    ...(start === undefined ? helperIssues(helper, frame, at(helperSpot.span)) : []),
    ...bridgeIssues(start, helper, { root, server }, at),
    ...(isAsked(helper) ? guardIssues(headers, names, around, at) : []),
    ...tooLong(root, server, at),
  ];
  if (parsed.success) {
    const sourceSpot = spotAt(root, server.key, ["userAuth", "credential", "source"]);
    found.push(...contradictions(parsed.data.userAuth.credential, helper, at(sourceSpot.span)));
  } else found.push(...schemaIssues(frame, { root, server }, parsed.error, expanded.unresolvedAt, at));
  const guarded = namesInUse(headers, names);
  if (!parsed.success || found.some(({ severity }) => severity === "error")) {
    return { kind: "broken", broken: { ...identify(frame, server), guarded, issues: found } };
  }
  const { shown } = expanded;
  const connector = {
    ...connectorOf(frame, server, parsed.data, helper),
    guarded,
    ...(shown.variables.length === 0 ? {} : { shown }),
  };
  return { kind: "connector", connector, warnings: found };
};

const schemaIssues = (
  frame: EntryFrame,
  { root, server }: { readonly root: JsonValue; readonly server: Member },
  { issues: found }: z.ZodError,
  unresolvedAt: ReadonlySet<number>,
  at: (span: Span) => Where,
): readonly Issue[] =>
  found.flatMap(unfold).flatMap((each) => {
    const spot = spotAt(root, server.key, each.path);
    if (spot.value !== undefined && unresolvedAt.has(spot.value.offset)) return [];
    const lacking = spot.value === undefined ? frame.defaults?.lacking(each.path) : undefined;
    return [lacking?.(at(spot.span)) ?? fromSchema(each, spot, at(spot.span))];
  });

const routeOf = (
  start: StartCommand | undefined,
  helper: JsonValue | undefined,
  { shell }: EntryFrame,
  { name }: Member,
): HelperRoute => {
  if (start !== undefined) return bridgeRoute(start, name);
  return helperRoute(helper?.kind === "string" ? helper.text : undefined, shell);
};

/** Whether clients ask Lanyard for what the entry's requests carry. */
const isAsked = ({ kind }: HelperRoute): boolean =>
  kind === "lanyard" || kind === "script" || kind === "bridge";

const identify = (
  { origin, places }: EntryFrame,
  { name, key }: Member,
): Pick<Connector, "id" | "name" | "origin" | "place"> => ({
  id: entryId(origin, name),
  name,
  origin,
  place: places.at(key.offset, key.length),
});

const connectorOf = (frame: EntryFrame, server: Member, entry: Entry, helper: HelperRoute): Connector => {
  const { credential = defaultCredential(helper, entry.url), ...userAuth } = entry.userAuth;
  const command = entry.start === undefined ? entry.headersHelper : shownCommand(entry.start);
  return {
    ...identify(frame, server),
    transport: entry.type,
    url: entry.url,
    userAuth,
    credential,
    helper,
    ...(command === undefined ? {} : { helperCommand: command }),
  };
};

const defaultCredential = (helper: HelperRoute, url: string): CredentialConfig =>
  helper.kind === "script" ? { source: "script" } : { source: "token-exchange", resource: url };

interface ExpandedEntry {
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Offsets of the strings that still hold a variable: the schema's opinion of them would mislead. */
  readonly unresolvedAt: ReadonlySet<number>;
  readonly shown: ShownEntry;
}

/** The entry as plain data, with variables expanded in `url` and throughout `userAuth`. */
const expandEntry = (frame: EntryFrame, root: JsonValue, at: (span: Span) => Where): ExpandedEntry => {
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

const helperIssues = (helper: HelperRoute, frame: EntryFrame, where: Where): readonly Issue[] => {
  switch (helper.kind) {
    case "absent":
      return [issues.helperMissing(where)];
    case "foreign":
      return [issues.helperForeign(where)];
    case "script":
      return scriptIssues(helper.command, frame, where);
    case "lanyard":
    case "bridge":
      return [];
  }
};

const scriptIssues = (command: string, { origin, shell }: EntryFrame, where: Where): readonly Issue[] => {
  if (command === "") return [issues.scriptEmpty(where)];
  switch (scriptProblem(command, origin, shell)) {
    case "outside":
      return [issues.scriptOutside(where)];
    case "unclear":
      return [issues.scriptUnclear(where)];
    case undefined:
      return [];
  }
};

const contradictions = (
  credential: CredentialConfig | undefined,
  helper: HelperRoute,
  where: Where,
): readonly Issue[] => {
  if (credential === undefined) return [];
  const runsScript = helper.kind === "script";
  if (credential.source === "script") return runsScript ? [] : [issues.sourceWithoutScript(where)];
  return runsScript ? [issues.scriptBesideSource(where, credential.source)] : [];
};

/** `Authorization` headers whose value is in the file itself rather than in a variable. */
const literalTokens = (headers: readonly HeaderAt[], at: (span: Span) => Where): readonly Issue[] =>
  headers.filter(isLiteralToken).map((header) => issues.literalToken(at(header.at)));

interface HeaderAt extends StaticHeader {
  readonly key: Span;
  readonly at: Span;
}

const headersOf = (root: JsonValue): readonly HeaderAt[] => {
  const headers = spotAt(root, root, ["headers"]).value;
  if (headers?.kind !== "object") return [];
  return headers.members.map(({ name, key, value }) => ({
    ...{ name, key, at: value },
    value: value.kind === "string" ? value.text : undefined,
  }));
};

/** Whether clients refuse by themselves where the helper gives them nothing. A helper of someone else's is not judged. */
const guardIssues = (
  headers: readonly HeaderAt[],
  guarded: GuardedNames,
  around: Span,
  at: (span: Span) => Where,
): readonly Issue[] =>
  guardFaults(headers, guarded).flatMap((fault) => {
    switch (fault.kind) {
      case "missing":
        return isLiteralHere(headers, fault.name) ? [] : issues.guardMissing(at(around), fault.name);
      case "wrongCase":
        return issues.guardWrongCase(at(fault.header.key), plainText(fault.header.name, 60), fault.name);
      case "sent":
        return issues.guardSent(at(fault.header.at));
      case "blocks":
        return issues.guardBlocks(at(fault.header.key), plainText(fault.header.name, 60));
    }
  });

/** The credential in the file is the worse of the two, and its removal brings the guard. */
const isLiteralHere = (headers: readonly HeaderAt[], name: string): boolean =>
  name.toLowerCase() === "authorization" && headers.some(isLiteralToken);

const isLiteralToken = ({ name, value }: StaticHeader): boolean =>
  name.toLowerCase() === "authorization" && value !== undefined && isLiteralCredential(value);
