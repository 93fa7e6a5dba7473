import type * as z from "zod";
import { signsRequests } from "../../credentials/headerNames.ts";
import { bridgeCommand, shownCommand, type StartCommand } from "../command/bridgeCommand.ts";
import { startsIn } from "../command/halves.ts";
import { commandHere, helperRoute } from "../command/helperRoute.ts";
import type { Shell } from "../command/shell.ts";
import { scriptProblem } from "../command/scriptProgram.ts";
import type { BrokenEntry, Connector, CredentialConfig, EntryOrigin, HelperRoute } from "../connector.ts";
import type { Issue } from "../issues/issue.ts";
import { issues, syntaxIssue, type Where } from "../issues/issues.ts";
import { fromSchema, spotAt, unfold } from "../issues/schemaIssues.ts";
import { bridgeEntrySchema, entrySchema, type Entry } from "../schema/schema.ts";
import { valueAt, type JsonValue, type Member, type Span } from "../text/json.ts";
import { bridgeIssues, bridgeRoute, startIn } from "./bridgeEntry.ts";
import { withDefaults } from "./defaults.ts";
import type { EntryFrame } from "./entryFrame.ts";
import { expandEntry } from "./expandEntry.ts";
import { guardedNames, namesInUse } from "./guard.ts";
import { guardIssues, headersOf, literalTokens } from "./staticHeaders.ts";
import { tooLong } from "./tooLong.ts";

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
    ...(start === undefined ? helperIssues(helper, helperSpot.value, frame, at(helperSpot.span)) : []),
    ...bridgeIssues(start, helper, { root, server, shell: frame.shell }, at),
    ...(isAsked(helper) ? guardIssues(headers, names, around, at) : []),
    ...tooLong(root, server, at),
  ];
  if (parsed.success) {
    const sourceSpot = spotAt(root, server.key, ["userAuth", "credential", "source"]);
    found.push(
      ...contradictions(parsed.data.userAuth.credential, helper, server, frame.shell, at(sourceSpot.span)),
    );
    if (parsed.data.userAuth.tools !== undefined && helper.kind !== "bridge")
      found.push(issues.toolsWithoutBridge(at(spotAt(root, server.key, ["userAuth", "tools"]).span)));
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

const helperIssues = (
  helper: HelperRoute,
  command: JsonValue | undefined,
  frame: EntryFrame,
  where: Where,
): readonly Issue[] => {
  const isElsewhere =
    command?.kind === "string" && !startsIn(commandHere(command.text, frame.shell), frame.shell);
  const elsewhere = isElsewhere ? [issues.helperElsewhere(where)] : [];
  switch (helper.kind) {
    case "absent":
      return [issues.helperMissing(where)];
    case "foreign":
      return [issues.helperForeign(where)];
    case "script":
      return [...elsewhere, ...scriptIssues(helper.command, frame, where)];
    case "lanyard":
      return elsewhere;
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
  { name }: Member,
  shell: Shell,
  where: Where,
): readonly Issue[] => {
  if (credential === undefined) return [];
  const { source } = credential;
  if (helper.kind !== "bridge" && signsRequests(source))
    return [issues.signsWithoutBridge(where, source, shownCommand(bridgeCommand(name, shell)))];
  const runsScript = helper.kind === "script";
  if (source === "script") return runsScript ? [] : [issues.sourceWithoutScript(where)];
  return runsScript ? [issues.scriptBesideSource(where, source)] : [];
};
