import { getNodeValue, type Node } from "jsonc-parser";
import type { Env } from "../entry/expand.ts";
import {
  guardedHeaders,
  guardedNames,
  guardFaults,
  type GuardedNames,
  type StaticHeader,
} from "../entry/guard.ts";
import { helperRoute } from "../command/helperRoute.ts";
import type { Span } from "../text/json.ts";
import type { Fix, FixEdit } from "./fix.ts";
import { propertiesOf, propertyOf, writeMembers, type NewMember } from "./members.ts";
import { serverAt, serversIn, stringOf, type ServerAt } from "./server.ts";

const headersOf = ({ entry }: ServerAt): readonly StaticHeader[] => {
  const headers = propertyOf(entry, "headers")?.value;
  return (headers === undefined ? [] : propertiesOf(headers)).map(({ name, value }) => {
    const text: unknown = value.value;
    return { name, value: typeof text === "string" ? text : undefined };
  });
};

const namesOf = (server: ServerAt, command: string | undefined, env: Env): GuardedNames =>
  guardedNames(wholeEntry(server), helperRoute(command), env);

/** With what its `userAuth` takes over from the one beside `mcpServers`. */
const wholeEntry = ({ entry, servers }: ServerAt): unknown => {
  const own = propertyOf(entry, "userAuth")?.value;
  const beside = servers.parent?.parent && propertyOf(servers.parent.parent, "userAuth")?.value;
  const credential = beside && propertyOf(beside, "credential")?.value;
  const isWhole =
    own !== undefined && ["issuer", "clientId"].every((name) => propertyOf(own, name) !== undefined);
  if (own === undefined || credential === undefined || isWhole || propertyOf(own, "credential") !== undefined)
    return getNodeValue(entry);
  return { userAuth: { credential: getNodeValue(credential) as unknown } };
};

/**
 * The members of an entry that has this helper: the guards where they are not as they have to be, and the helper where
 * it is another.
 * @param isLeftOut the headers that go.
 */
export const guardedMembers = (
  server: ServerAt,
  command: string | undefined,
  env: Env,
  isLeftOut: (header: StaticHeader) => boolean = () => false,
): readonly NewMember[] => {
  const names = namesOf(server, command, env);
  const all = headersOf(server);
  const kept = all.filter((header) => !isLeftOut(header));
  const areFine = kept.length === all.length && guardFaults(kept, names).length === 0;
  const isThere = stringOf(server.entry, "headersHelper") === command;
  return [
    ...(areFine ? [] : [{ name: "headers", value: guardedHeaders(kept, names) }]),
    ...(isThere ? [] : [{ name: "headersHelper", value: command }]),
  ];
};

/** The helper of an entry, and the guards that belong to it. */
export const withHelper = (text: string, server: ServerAt, command: string, env: Env): readonly FixEdit[] =>
  writeMembers(text, server.entry, guardedMembers(server, command, env));

/** What an entry's guards lack; nothing where Claude Code does not ask Lanyard for it. */
const guardEdits = (text: string, server: ServerAt, env: Env): readonly FixEdit[] => {
  if (propertyOf(server.entry, "userAuth") === undefined) return [];
  const command = stringOf(server.entry, "headersHelper");
  const { kind } = helperRoute(command);
  return kind === "lanyard" || kind === "script"
    ? writeMembers(text, server.entry, guardedMembers(server, command, env))
    : [];
};

/** The guards of one entry, and of every entry of the file where others lack theirs too. */
export const addGuards = (text: string, { offset }: Span, root: Node, env: Env): readonly Fix[] => {
  const server = serverAt(root, offset);
  const edits = server === undefined ? [] : guardEdits(text, server, env);
  if (server === undefined || edits.length === 0) return [];
  const one: Fix = { kind: "addGuard", subject: server.name, edits };
  const all = serversIn(root)
    .map((each) => guardEdits(text, each, env))
    .filter((each) => each.length > 0);
  return all.length < 2
    ? [one]
    : [one, { kind: "addGuards", subject: String(all.length), edits: all.flat() }];
};
