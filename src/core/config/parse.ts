import { plainText } from "../text.ts";
import type { BrokenEntry, Connector, EntryOrigin } from "./connector.ts";
import { readDefaults } from "./entry/defaults.ts";
import { brokenEntry, entryId, readEntry, type EntryReading } from "./entry/entry.ts";
import type { EntryFrame } from "./entry/entryFrame.ts";
import type { Shell } from "./command/shell.ts";
import type { Env } from "./entry/expand.ts";
import type { Issue, Place } from "./issues/issue.ts";
import { issues, syntaxIssue, wrongTypeIssue } from "./issues/issues.ts";
import { helperRoute } from "./command/helperRoute.ts";
import { membersAt, syntaxProblem, valueAt, type Member, type Span } from "./text/json.ts";
import { Places } from "./text/places.ts";

/** A file in UTF-16, which no client can read. */
export const utf16File = (origin: EntryOrigin): FileReading => ({
  kind: "unreadable",
  origin,
  issues: [issues.utf16({ place: new Places(origin.file, "").at(0, 0) })],
});

/** A server entry without `userAuth`: not ours, but where it is nearest it hides one of ours. */
export interface OtherServer {
  readonly name: string;
  readonly origin: EntryOrigin;
}

/** What one file says, or that it cannot be read as it stands. */
export type FileReading =
  | {
      readonly kind: "read";
      readonly origin: EntryOrigin;
      readonly connectors: readonly Connector[];
      readonly broken: readonly BrokenEntry[];
      readonly others: readonly OtherServer[];
      /** Every issue of the file, those of `broken` among them, in the order of their places. */
      readonly issues: readonly Issue[];
    }
  | { readonly kind: "unreadable"; readonly origin: EntryOrigin; readonly issues: readonly Issue[] };

/** The file's text, where it is from, and the environment its variables are expanded from. */
export interface FileToParse {
  readonly text: string;
  readonly origin: EntryOrigin;
  readonly env: Env;
  /** The folders in whose sessions the client takes a project's local entries, by its key; that folder where left out. */
  readonly projectFolders?: (key: string) => readonly string[];
  /** Who takes commands apart here; `sh` unless said. */
  readonly shell?: Shell;
}

/**
 * Reads a `.mcp.json` (origin `workspace`), or the user's own Claude configuration (origin `user`), in which
 * `mcpServers` holds for every folder and `projects[folder].mcpServers` for one. Never throws.
 */
export const parseFile = (file: FileToParse): FileReading => {
  const { origin, env, shell = "sh" } = file;
  const text = file.text.startsWith("\ufeff") ? file.text.slice(1) : file.text;
  const places = new Places(origin.file, text);
  const at = (span: Span): { readonly place: Place } => ({ place: places.at(span.offset, span.length) });

  const problem = syntaxProblem(text);
  if (problem !== undefined) {
    return { kind: "unreadable", origin, issues: [syntaxIssue(problem.code)(at(problem))] };
  }
  const whole = { offset: 0, length: text.length };
  const root = membersAt(text, whole);
  if (root === undefined) return collect(origin, [], [issues.notAnObject(at(whole))]);

  const found: Issue[] = [];
  const entries = serverBlocks(file, text, root).flatMap((block) => {
    const servers = membersAt(text, block.span);
    if (servers === undefined) found.push(wrongTypeIssue("object")(at(block.span), "mcpServers"));
    const { defaults, issues: strange } = readDefaults(text, block.defaults, at);
    found.push(...strange);
    const frame = { text, places, origin: block.origin, env, shell };
    return readServers(defaults === undefined ? frame : { ...frame, defaults }, servers ?? []);
  });
  return collect(origin, entries, found);
};

/** What stands for a file that is there but could not be read; `reason` is a short code such as `EACCES`. */
export const unreadableFile = (origin: EntryOrigin, reason: string): FileReading => ({
  kind: "unreadable",
  origin,
  issues: [issues.unreadable({ place: new Places(origin.file, "").at(0, 0) }, reason)],
});

interface ServerBlock {
  readonly span: Span;
  readonly defaults: Member | undefined;
  readonly origin: EntryOrigin;
}

const serverBlocks = (
  { origin, projectFolders = (key) => [key] }: FileToParse,
  text: string,
  root: readonly Member[],
): readonly ServerBlock[] => {
  const own = lastNamed(root, "mcpServers");
  const blocks: ServerBlock[] =
    own === undefined ? [] : [{ span: own.value, defaults: lastNamed(root, "userAuth"), origin }];
  const projects = origin.kind === "user" ? lastNamed(root, "projects") : undefined;
  if (projects === undefined) return blocks;
  const folders = new Map((membersAt(text, projects.value) ?? []).map(({ name, value }) => [name, value]));
  for (const [key, span] of folders) {
    const members = membersAt(text, span) ?? [];
    const block = lastNamed(members, "mcpServers");
    if (block === undefined) continue;
    const defaults = lastNamed(members, "userAuth");
    for (const folder of projectFolders(key)) {
      blocks.push({ span: block.value, defaults, origin: { kind: "user", file: origin.file, folder } });
    }
  }
  return blocks;
};

type ServerReading =
  | EntryReading
  | { readonly kind: "other"; readonly server: OtherServer }
  /** Not ours, and none that the client knows what to do with: it hides nothing. */
  | { readonly kind: "none" };

const readServers = (frame: EntryFrame, servers: readonly Member[]): readonly ServerReading[] => {
  const byName = new Map<string, { readonly first: Member; readonly repeated: Member[] }>();
  for (const server of servers) {
    const known = byName.get(server.name);
    if (known === undefined) byName.set(server.name, { first: server, repeated: [] });
    else known.repeated.push(server);
  }
  return Array.from(byName, ([name, { first, repeated }]): ServerReading => {
    if (![first, ...repeated].some(({ value }) => isOurs(frame.text, value))) {
      const { value } = repeated.at(-1) ?? first;
      if (!isServer(frame.text, value)) return { kind: "none" };
      return { kind: "other", server: { name, origin: frame.origin } };
    }
    const last = repeated.at(-1);
    return last === undefined ? readEntry(frame, first) : duplicate(frame, last, repeated);
  });
};

/** Whether the client takes it for a server: else it passes over it, as if it were not there (as seen with 2.1.332). */
const isServer = (text: string, entry: Span): boolean => {
  const members = membersAt(text, entry) ?? [];
  const textOf = (name: string): string | undefined => {
    const member = lastNamed(members, name);
    const value = member === undefined ? undefined : valueAt(text, member.value);
    return value?.kind === "string" ? value.text : undefined;
  };
  const type = lastNamed(members, "type") === undefined ? "stdio" : textOf("type");
  if (type === "stdio") return textOf("command") !== undefined;
  const isRemote = type === "http" || type === "sse" || type === "ws";
  return isRemote && textOf("url") !== undefined && isOfTexts(text, lastNamed(members, "headers"));
};

/** An object of strings, or nothing at all. */
const isOfTexts = (text: string, member: Member | undefined): boolean => {
  if (member === undefined) return true;
  const inside = membersAt(text, member.value);
  return inside?.every(({ value }) => valueAt(text, value)?.kind === "string") === true;
};

/** It has `userAuth`, or had: `claude mcp add-json` drops that, and leaves the helper. */
const isOurs = (text: string, entry: Span): boolean => {
  const members = membersAt(text, entry) ?? [];
  if (lastNamed(members, "userAuth") !== undefined) return true;
  const helper = lastNamed(members, "headersHelper");
  const value = helper === undefined ? undefined : valueAt(text, helper.value);
  if (value?.kind !== "string") return false;
  const { kind } = helperRoute(value.text);
  return kind === "lanyard" || kind === "script";
};

const duplicate = (frame: EntryFrame, last: Member, repeated: readonly Member[]): EntryReading => {
  const connector = entryId(frame.origin, last.name);
  const found = repeated.map(({ key }) => {
    const place = frame.places.at(key.offset, key.length);
    return issues.duplicateName({ place, connector }, plainText(last.name, 60));
  });
  return brokenEntry(frame, last, found);
};

const lastNamed = (members: readonly Member[], name: string): Member | undefined =>
  members.findLast((member) => member.name === name);

const collect = (
  origin: EntryOrigin,
  entries: readonly ServerReading[],
  ofFile: readonly Issue[],
): FileReading => {
  const ofEntries = entries.flatMap((entry) => {
    if (entry.kind === "other" || entry.kind === "none") return [];
    return entry.kind === "connector" ? entry.warnings : entry.broken.issues;
  });
  return {
    kind: "read",
    origin,
    connectors: entries.flatMap((entry) => (entry.kind === "connector" ? [entry.connector] : [])),
    broken: entries.flatMap((entry) => (entry.kind === "broken" ? [entry.broken] : [])),
    others: entries.flatMap((entry) => (entry.kind === "other" ? [entry.server] : [])),
    issues: once([...ofFile, ...ofEntries]).sort(byPlace),
  };
};

/** What several entries take over from one place is wrong there once. */
const once = (found: readonly Issue[]): Issue[] => [
  ...new Map(
    found.map((issue) => [JSON.stringify([issue.place, issue.template, issue.args]), issue] as const),
  ).values(),
];

const byPlace = ({ place: a }: Issue, { place: b }: Issue): number =>
  (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
